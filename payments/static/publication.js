// A published period: print it.

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());
