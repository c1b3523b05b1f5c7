"""How a page looks on a screen, in the dark, on a phone and on paper."""

STYLE = """
:root { --ink: #1d2733; --dim: #56657a; --line: #d7dee8; --paper: #fff; --soft: #f4f7fa;
  --accent: #0b5cad; --warn: #9a5b00; --good: #17693a; --bad: #b3261e; --light: #b9d3ee; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf5; --dim: #9fadc0; --line: #2f3b4a; --paper: #141a21; --soft: #1b232d;
    --accent: #62a8ff; --warn: #f0b429; --good: #6fd08c; --bad: #ff8a80; --light: #2d4a69; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0; }
main { max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; }
h2 { font-size: 1.2rem; margin: 0 0 .5rem; }
section { margin-top: 2.75rem; } p { margin: .25rem 0 .75rem; }
a { color: var(--accent); } h1, p, td { overflow-wrap: break-word; }
h2, .index li { overflow-wrap: anywhere; }
.dim, caption { color: var(--dim); font-size: .9rem; }
.none { color: var(--dim); background: var(--soft); border-radius: .5rem; padding: .75rem 1rem; }
.note { border-left: 4px solid var(--warn); padding: .25rem .75rem; background: var(--soft); }
.fine { color: var(--good); font-weight: 600; } .wrong { color: var(--bad); }
.failed em, .refused em { color: var(--bad); } time { white-space: nowrap; }
p.wrong { font-weight: 600; }
.numbers { list-style: none; display: grid; gap: .75rem; padding: 0; margin: 1.25rem 0;
  grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); }
.numbers li { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  display: flex; flex-direction: column; }
.numbers strong { font-size: 1.6rem; line-height: 1.2; } .numbers em { font-style: normal; }
.index { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; }
.wide { overflow-x: auto; background:
  linear-gradient(to right, var(--paper) 1rem, transparent) left / 2rem 100% no-repeat local,
  linear-gradient(to left, var(--paper) 1rem, transparent) right / 2rem 100% no-repeat local,
  linear-gradient(to right, var(--line), transparent) left / .75rem 100% no-repeat,
  linear-gradient(to left, var(--line), transparent) right / .75rem 100% no-repeat; }
.wide:focus-visible { outline: 2px solid var(--accent); }
.wide > svg { display: block; min-width: 40rem; width: 100%; height: auto; }
text { font-size: 12px; fill: var(--dim); }
.tag { paint-order: stroke; stroke: var(--paper); stroke-width: 4px; fill: var(--ink); }
.grid { stroke: var(--line); } .edge { stroke: var(--dim); stroke-dasharray: 4 4; }
.life { stroke: var(--dim); stroke-width: 2; } .late { fill: var(--bad); }
circle, path, rect { pointer-events: all; }
circle:hover, path:hover { stroke: var(--ink); stroke-width: 4; }
circle.same { fill: none; stroke: var(--dim); stroke-width: 1.2; }
path { stroke-width: 1.5; } path.accent { fill: var(--accent); stroke: var(--accent); }
path.warn { fill: var(--warn); stroke: var(--warn); }
path.good { fill: var(--good); stroke: var(--good); }
path.bad { fill: none; stroke: var(--bad); stroke-width: 3; }
path.dim-mark { fill: none; stroke: var(--dim); stroke-width: 3; }
path.bad-fill, rect.bad-fill { fill: var(--bad); } path.solid, rect.solid { fill: var(--accent); }
polyline { fill: none; stroke-width: 3; } polyline.a { stroke: var(--accent); }
polyline.b { stroke: var(--dim); } text.a, text.b { font-weight: 600; }
text.a { fill: var(--accent); }
rect.light { fill: var(--light); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 0;
  margin: .25rem 0 1rem; font-size: .9rem; }
.legend li { display: flex; align-items: center; gap: .4rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; margin-top: .5rem;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .25rem; }
th, td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); }
th { color: var(--dim); font-weight: 600; } th, .short { white-space: nowrap; }
@media (max-width: 30rem) { th { white-space: normal; } th, td { padding-right: .4rem; }
  .wide > svg { min-width: 30rem; } }
@media print {
  :root { --ink: #000; --dim: #444; --line: #bbb; --paper: #fff; --soft: #fff; --accent: #0b5cad;
    --warn: #9a5b00; --good: #17693a; --bad: #b3261e; --light: #b9d3ee; }
  main { max-width: none; padding: 0; } html, body { font-size: 11px; } nav { display: none; }
  .wide { overflow: visible; background: none; } .wide > svg { min-width: 0; break-inside: avoid; }
  table { font-size: 9px; } .short { white-space: normal; } th, td { padding-right: .4rem; }
  td { overflow-wrap: anywhere; } h2 { break-after: avoid; } tr { break-inside: avoid; }
  thead { display: table-header-group; }
  .numbers { grid-template-columns: repeat(4, 1fr); } }
"""
