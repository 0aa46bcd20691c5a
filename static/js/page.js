/* What every page may use, all of it optional: the page works without any script. */
import { tellBeforeTooLarge } from "./upload-limit.js";
import { sendOnce } from "./submit-once.js";
import { closeMenus } from "./menus.js";

sendOnce(document);
tellBeforeTooLarge(document);
closeMenus(document);
