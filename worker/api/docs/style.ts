/** How the description looks: for phones and desks, by light and by dark. */
export const STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1a1d23, #e6e8ec); --soft: light-dark(#59606d, #a1a8b5);
  --ground: light-dark(#fff, #14161a); --raised: light-dark(#f5f6f8, #1c1f25); --line: light-dark(#dfe2e8, #2e333c);
  --link: light-dark(#1b5cc4, #84b2ff); --good: light-dark(#1a6e3a, #6fd08f); --warn: light-dark(#8a4b00, #f0b35e);
  --bad: light-dark(#b02525, #ff9a92); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--ground); font: 15px/1.55 system-ui, sans-serif;
  display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line);
  background: var(--raised); font-size: 13px; }
nav h2 { margin: 1rem 0 .25rem; font-size: 13px; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav a { display: block; padding: .15rem 0; text-decoration: none; overflow-wrap: anywhere; }
main { padding: 1.5rem 2rem 6rem; max-width: 60rem; }
h1 { font-size: 1.7rem; margin: 0 0 1rem; }
main > h2 { margin: 3rem 0 .25rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line); }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
h4 { margin: 1rem 0 .25rem; font-size: .85rem; color: var(--soft); }
p { margin: .4rem 0; }
a { color: var(--link); }
a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
section { margin: 1rem 0; padding: 1rem; border: 1px solid var(--line); border-radius: 8px; }
code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { margin: .4rem 0; padding: .75rem; overflow: auto; max-height: 24rem; background: var(--raised); border-radius: 6px; }
table { width: 100%; border-collapse: collapse; margin: .25rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem .3rem 0; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { font-weight: normal; width: 34%; }
small, i { color: var(--soft); }
summary { cursor: pointer; padding: .2rem 0; }
b.GET { color: var(--link); } b.POST { color: var(--good); } b.PUT { color: var(--warn); } b.DELETE { color: var(--bad); }
b.s2 { color: var(--good); } b.s4 { color: var(--warn); } b.s5 { color: var(--bad); }
@media (max-width: 50rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1rem 1rem 4rem; }
  th { width: 45%; }
}
`;
