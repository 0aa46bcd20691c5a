/* Menus made of <details> close with Escape and when the reader presses elsewhere. Without this script they close
   by pressing their own button again. */

const MENUS = "details.account, details.bottom-more";

function closeMenus(root) {
  root.addEventListener("click", (event) => {
    for (const menu of root.querySelectorAll(MENUS)) {
      if (menu.open && !menu.contains(event.target)) menu.open = false;
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of root.querySelectorAll(MENUS)) {
      if (!menu.open) continue;
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

closeMenus(document);
