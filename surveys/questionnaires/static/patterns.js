// How a text is written: as surveys/questionnaires/rules/patterns says; pattern_vectors.json is run by both.

// Whether the whole text is written so. A phone too old to read the pattern leaves it to the server.
export function fits(pattern, text) {
  try { return new RegExp("^(?:" + pattern + ")$", "u").test(text); } catch (error) { return true; }
}
