import type { PrintedBill } from './bill-document.js';
import { type BillFace, billFace, type FaceTable } from './bill-face.js';

/** One file that needs no other, runs nothing, and prints on the bill's paper. */
export function billHtml(bill: PrintedBill): string {
  const face = billFace(bill);
  const { document } = bill;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(`${face.title} ${document.number}`)}</title>
<style>
@page { size: ${document.paper}; margin: 18mm 16mm }
${style}
</style>
</head>
<body>
<header>
<address>${linesOf(face.seller)}</address>
<h1>${escaped(face.title)} <span>${escaped(document.number)}</span></h1>
</header>
<section class="head">
<address>${linesOf(face.customer)}</address>
<dl>
${face.facts.map(pair).join('\n')}
</dl>
</section>
${tableOf(face.summary)}
${totalsOf(face)}
${face.remarks.map((remark) => `<p>${isolated(remark)}</p>`).join('\n')}
${face.calls ? tableOf(face.calls) : ''}
</body>
</html>
`;
}

const style = `
:root { color-scheme: light }
body { font: 14px/1.45 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; color: #1a1a1a; max-width: 50rem; margin: 2rem auto; padding: 0 1rem }
header, .head { display: flex; justify-content: space-between; gap: 2rem; margin-bottom: 2rem }
address { font-style: normal; max-width: 24rem; overflow-wrap: anywhere }
address > :first-child { font-weight: 600 }
address > * { display: block }
h1 { font-size: 1.6rem; margin: 0; text-align: right; white-space: nowrap }
h1 span { display: block; font-size: 1rem; font-weight: 400; color: #555 }
dl { display: grid; grid-template-columns: auto auto; gap: 0 1rem; margin: 0; align-content: start }
dt { color: #555 }
dd { margin: 0; text-align: right }
table { border-collapse: collapse; width: 100%; margin: 0 0 1rem; font-variant-numeric: tabular-nums }
caption { text-align: left; font-weight: 600; padding: .5rem 0 }
th, td { text-align: left; padding: .2rem .6rem .2rem 0; border-bottom: 1px solid #ddd; vertical-align: top; overflow-wrap: anywhere }
th { color: #555; font-weight: 400; border-bottom-color: #555 }
.n { text-align: right; padding-right: 0; padding-left: .6rem; white-space: nowrap }
.totals { width: auto; margin-left: auto }
.totals th { border-bottom-color: #ddd; padding-right: 2rem }
.totals tr:last-child > * { font-weight: 600; color: inherit; font-size: 1.1rem; border-bottom: 2px solid }
@media print {
  body { font-size: 9.5pt; margin: 0; padding: 0; max-width: none }
  thead { display: table-header-group }
  tr { break-inside: avoid }
}`.trim();

function tableOf({ title, columns, rows }: FaceTable): string {
  const classOf = (column: number) => (columns[column]?.isNumber ? ' class="n"' : '');
  const headings = columns.map(({ heading }, column) => `<th${classOf(column)}>${escaped(heading)}</th>`);
  const lines = rows.map(
    (row) => `<tr>${row.map((cell, column) => `<td${classOf(column)}>${escaped(cell)}</td>`).join('')}</tr>`,
  );
  return `<table>
<caption>${escaped(title)}</caption>
<thead><tr>${headings.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`;
}

function totalsOf({ totals, payable }: BillFace): string {
  const rows = [...totals, payable].map(
    ([label, amount]) =>
      `<tr><th scope="row">${isolated(label)}</th><td class="n">${escaped(amount)}</td></tr>`,
  );
  return `<table class="totals">\n${rows.join('\n')}\n</table>`;
}

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => isolated(line)).join('');
}

function pair([label, value]: readonly [string, string]): string {
  return `<dt>${escaped(label)}</dt><dd>${escaped(value)}</dd>`;
}

/** Others' words: whichever way they run, what is beside them stays. */
function isolated(text: string): string {
  return `<bdi>${escaped(text)}</bdi>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? '');
}
