"""XLSForm, the spreadsheet other survey systems write their forms in: read into our form model, and written from it."""
