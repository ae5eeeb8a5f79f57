// A page's own print button.

document.getElementById("print").addEventListener("click", () => window.print());
