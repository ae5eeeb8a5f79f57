// Runs before the page is drawn; a classic script in old words. A button pressed before the page's modules listen is
// pressed again as soon as they do. The browser alone would send the form: its words gone, or standing in an address.
(function () {
  var pressed;
  function keep(event) {
    var button = event.target.closest("button");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    pressed = button;
  }
  document.addEventListener("click", keep, true);
  // fired when all modules have run
  document.addEventListener("DOMContentLoaded", function () {
    document.removeEventListener("click", keep, true);
    if (pressed) pressed.click();
  });
  // A module that never came: what was typed stays on the page.
  window.addEventListener("submit", function (event) {
    if (event.defaultPrevented || event.target.hasAttribute("method")) return;
    event.preventDefault();
    var box = document.querySelector("[data-alert]");
    box.textContent = "还没有提交：这一页没有完全打开。请联网后重新打开。";
    box.hidden = false;
    box.scrollIntoView();
  });
})();
