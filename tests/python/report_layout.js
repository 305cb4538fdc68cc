// Looks for text that leaves its card, the page or its picture, and for text on text; test_report_layout.py reads it.
addEventListener("load", () => setTimeout(() => {
  document.querySelectorAll("details").forEach((part) => { part.open = true; });
  const boxes = [];
  const seen = (node) => {
    const style = getComputedStyle(node);
    return style.visibility !== "hidden" && !node.closest(".vh, .skip, script, style, select, option, pre, title, #time-list, #seen");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.textContent.trim() || !seen(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) boxes.push({text: node.textContent.trim(), box, node});
  }
  const leaving = [], overlapping = [];
  for (const {text, box, node} of boxes) {
    const holder = node.parentElement.closest(".card, svg, #answer, table, section, header, footer");
    const room = holder && holder.getBoundingClientRect();
    if (room && (box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1 || box.bottom > room.bottom + 1))
      leaving.push(text.slice(0, 60) + " leaves " + holder.tagName + "." + holder.className + " by " + [room.left - box.left, box.right - room.right, room.top - box.top, box.bottom - room.bottom].map(Math.round));
    if (box.left < -1 || box.right > innerWidth + 1) leaving.push(text.slice(0, 60) + " leaves the page");
  }
  boxes.sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length && boxes[j].box.top < boxes[i].box.bottom; j++) {
    const a = boxes[i].box, b = boxes[j].box;
    if (boxes[i].node === boxes[j].node) continue;
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && down > 5) overlapping.push(boxes[i].text.slice(0, 40) + " | " + boxes[j].text.slice(0, 40));
  }
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = JSON.stringify({wrong: window.wrong, texts: boxes.length, leaving, overlapping, over: document.documentElement.scrollWidth - innerWidth});
  document.body.append(out);
  if (parent !== window) parent.postMessage(out.textContent, "*");
}, 1200));
