// How the page looks: by day and by night, on a phone and on paper. Colours tell contestants apart also for
// people who see fewer (Okabe and Ito's palette), and dashes do without colour.

export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fbfaf7;--ink:#1d2129;--soft:#5b6472;--line:#dcd9d0;--card:#fff;
--countersign:#0b5fa5;--freeman:#c4500a;--logistic:#00795c;--isolation-forest:#a3477f;--relation:#3c94d1;--targeted:#8a6d00;--random:#8b9099;--band:#0b5fa51c;--good:#00795c;--bad:#b3261e}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14171c;--ink:#e8e6e1;--soft:#a2aab6;--line:#333942;--card:#1b1f26;
--countersign:#6fb7f2;--freeman:#f39a5b;--logistic:#4fc7a4;--isolation-forest:#e09cc7;--relation:#a9d4f5;--targeted:#d9bd52;--random:#7c828c;--band:#6fb7f226;--good:#4fc7a4;--bad:#ff8a80}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:76rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:clamp(1.6rem,4vw,2.4rem);line-height:1.15;margin:0 0 .4rem;letter-spacing:-.02em;text-wrap:balance}
h2{font-size:1.3rem;margin:3rem 0 .3rem;letter-spacing:-.01em}
p{max-width:68ch;margin:.4rem 0 .9rem}.soft{color:var(--soft)}
.answers{display:grid;grid-template-columns:repeat(auto-fit,minmax(14rem,1fr));gap:1rem;margin:1.6rem 0}
.answer{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem}
.answer b{display:block;font-size:2rem;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.answer span{color:var(--soft);font-size:.9rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1rem}
.plot{margin:0;background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.8rem .8rem .4rem}
.plot svg{display:block;width:100%;height:auto}
a{color:var(--countersign)}figcaption{font-weight:600;font-size:.95rem;margin-bottom:.3rem}
.grid{stroke:var(--line);stroke-width:1}.tick{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
.axis-label{fill:var(--soft);font-size:12px;text-anchor:middle}.band{fill:var(--band)}
.budget{stroke:var(--ink);stroke-dasharray:3 4}
.curve{fill:none;stroke-width:1.8;stroke-linejoin:round}
${[...['countersign', 'freeman', 'logistic', 'isolation-forest', 'relation', 'targeted', 'random']]
  .map((name) => `.c-${name}{stroke:var(--${name})}.m-${name},.b-${name}{fill:var(--${name})}`)
  .join('')}
.c-countersign{stroke-width:3}.c-relation{stroke-dasharray:7 3}.c-targeted{stroke-dasharray:2 3}.c-random{stroke-dasharray:1 4}.c-isolation-forest{stroke-dasharray:9 3 2 3}
.key{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:.6rem 0 1rem;list-style:none;font-size:.92rem}
.key svg{width:1.75rem;height:.4rem;margin-right:.45rem;vertical-align:.15em}
.wide{overflow-x:auto;border:1px solid var(--line);border-radius:.6rem;background:var(--card);margin:.8rem 0 1.2rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .8rem;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
tbody th{position:sticky;left:0;background:var(--card)}
thead th{color:var(--soft);font-weight:600}
caption{text-align:left;padding:.7rem .8rem;max-width:min(70ch,calc(100vw - 2.6rem))}
th:first-child{text-align:left}th small{display:block;white-space:normal;min-width:min(14rem,45vw);color:var(--soft);font-weight:400}.answer small{white-space:nowrap}tr.own{font-weight:650}td:last-child{white-space:normal}td small{color:var(--soft);font-weight:400}
.limits li{max-width:70ch;margin:.35rem 0}.good{color:var(--good)}.bad{color:var(--bad)}
code{font:.88em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
footer{margin-top:3rem;color:var(--soft);font-size:.9rem;border-top:1px solid var(--line);padding-top:1rem}
@media print{main{max-width:none;padding:0}.plot,.answer,.wide{break-inside:avoid}}`;
