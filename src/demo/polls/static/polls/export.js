// Asks how far the export is until it is over, then loads the page again, which says what became of it.
"use strict";

(() => {
  const bar = document.getElementById("progress");
  if (!bar) return;
  let pause = 300;

  const ask = async () => {
    try {
      const answer = await fetch(bar.dataset.url, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const { percent, over } = await answer.json();
        bar.value = percent;
        bar.textContent = `${percent}%`;
        if (over) {
          location.reload();
          return;
        }
      }
    } catch {
      // The site is away for a moment: ask again.
    }
    pause = Math.min(pause * 1.3, 2000);
    setTimeout(ask, pause);
  };
  setTimeout(ask, pause);
})();
