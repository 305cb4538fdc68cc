// Looks for what leaves its card, the page or its picture, for text on text, and for numbers that nothing names;
// test_report_layout.py reads it. In a frame called "print" the page is as on paper.
addEventListener("load", () => setTimeout(() => {
  const name = location.hash.slice(1), paper = name === "print";
  if (paper) {
    const all = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]);
    const sheet = document.createElement("style");
    sheet.textContent = all.filter((rule) => rule.media && rule.media.mediaText === "print")
      .flatMap((rule) => [...rule.cssRules].map((own) => own.cssText)).join("\n");
    document.head.append(sheet);
    dispatchEvent(new Event("beforeprint"));
  } else document.querySelectorAll("details").forEach((part) => { part.open = true; });
  const boxes = [];
  const shown = (node) => node.checkVisibility({visibilityProperty: true}) &&
    !node.closest(".vh, .skip, script, style, select, option, pre, title, #time-list, #seen");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.textContent.trim() || !shown(node.parentElement)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) if (box.width > 1 && box.height > 1) boxes.push({text: node.textContent.trim(), box, node});
  }
  const leaving = [], overlapping = [], unnamed = [];
  const leaves = (box, room) => box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1 || box.bottom > room.bottom + 1;
  const by = (box, room) => " by " + [room.left - box.left, box.right - room.right, room.top - box.top, box.bottom - room.bottom].map(Math.round);
  for (const {text, box, node} of boxes) {
    const holder = node.parentElement.closest(".card, svg, #answer, table, section, header, footer");
    const room = holder && holder.getBoundingClientRect();
    if (room && leaves(box, room)) leaving.push(text.slice(0, 60) + " leaves " + holder.tagName + "." + holder.className + by(box, room));
    if (box.left < -1 || box.right > document.documentElement.clientWidth + 1) leaving.push(text.slice(0, 60) + " leaves the page");
  }
  for (const node of document.querySelectorAll("main .card, main table, main canvas, main svg, main select, main button, main input, main dl, main figure")) {
    const holder = node.parentElement.closest(".card, #answer, section"), box = node.getBoundingClientRect();
    if (!holder || !box.width || !shown(node)) continue;
    const room = holder.getBoundingClientRect();
    if (leaves(box, room)) leaving.push(node.tagName + "#" + node.id + " leaves " + holder.tagName + "#" + holder.id + by(box, room));
  }
  boxes.sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length && boxes[j].box.top < boxes[i].box.bottom; j++) {
    const a = boxes[i].box, b = boxes[j].box;
    if (boxes[i].node === boxes[j].node) continue;
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && down > 5) overlapping.push(boxes[i].text.slice(0, 40) + " | " + boxes[j].text.slice(0, 40));
  }
  // A number is named by the words beside it, by the head of its column and row, by its term, or by its chart's name.
  const number = /^[\s\d.,+−–%→()[\]-]*\d[\s\d.,+−–%→()[\]-]*$/;
  for (const node of new Set(boxes.map(({node}) => node))) {
    const own = node.parentElement;
    if (!number.test(node.textContent)) continue;
    const cell = own.closest("td"), table = cell && cell.closest("table");
    const head = table && table.tHead && table.tHead.rows[0].cells[cell.cellIndex];
    const columns = cell && (cell.dataset.head || (head && head.textContent.trim()) || cell.parentElement.classList.contains("axis"));
    const rows = cell && (cell.parentElement.querySelector("th") || cell.parentElement.classList.contains("axis"));
    const term = own.closest("dd"), chart = own.closest("svg[aria-label]");
    const sentence = own.closest("p, li, h1, h2, h3, dt, label, output, figcaption, summary, th");
    const words = sentence && /[a-z]{2}/i.test(sentence.textContent);
    if (!(columns && rows) && !(term && term.previousElementSibling) && !chart && !words && own.tagName !== "OUTPUT") unnamed.push(node.textContent.trim() + " in " + own.outerHTML.slice(0, 80));
  }
  const said = JSON.stringify({wrong: window.wrong, texts: boxes.length, leaving, overlapping, unnamed, over: document.documentElement.scrollWidth - document.documentElement.clientWidth});
  const out = document.createElement("pre");
  out.id = "seen";
  out.textContent = said;
  document.body.append(out);
  if (parent !== window) parent.postMessage(name ? JSON.stringify([name, said]) : said, "*");
}, 1200));
