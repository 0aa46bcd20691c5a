/* A link to #print also asks the browser to print. Nothing is prevented: where a browser has no printing of its own
   (inside other apps), or no script runs, the link leads to the words that say how. */

document.addEventListener("click", (event) => {
  if (event.target.closest('a[href="#print"]')) setTimeout(() => window.print());
});
