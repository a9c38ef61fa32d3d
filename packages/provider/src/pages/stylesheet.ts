// The look of all pages: one sheet, inline, allowed by its SHA-256 in the Content-Security-Policy.
// Contrast is at least 4.5:1 for text and 3:1 for outlines in both colour schemes (WCAG 2.2 AA).

import { createHash } from 'node:crypto';

export const stylesheet = `
:root{color-scheme:light dark;--ink:#10201c;--soft:#4a5c56;--paper:#fff;--ground:#eef3f0;--glow:#d5e8df;
--line:#81908a;--hair:#dbe4df;--seal:#0b6b4f;--seal-strong:#07513b;--on-seal:#fff;--tint:#e9f4ef;
--bad:#a3161f;--bad-tint:#fdeeee;--focus:#0f5fd7;--shadow:0 1px 2px #10201c14,0 18px 48px -12px #10201c33}
@media (prefers-color-scheme:dark){:root{--ink:#e9f1ed;--soft:#a9bab3;--paper:#16201d;--ground:#0b110f;
--glow:#143026;--line:#71827b;--hair:#2a3833;--seal:#5fd3a9;--seal-strong:#86e2c0;--on-seal:#06231a;
--tint:#1b2d27;--bad:#ff9b9b;--bad-tint:#3a1a1c;--focus:#8db8ff;
--shadow:0 1px 2px #0008,0 18px 48px -12px #000c}}
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100dvh;display:flex;flex-direction:column;align-items:center;
justify-content:center;gap:1.25rem;padding:2rem 1rem;color:var(--ink);
background:radial-gradient(60rem 32rem at 50% -10rem,var(--glow),transparent 70%),var(--ground);
font:1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",Ubuntu,sans-serif}
.card{width:100%;max-width:26.5rem;background:var(--paper);border:1px solid var(--hair);
border-radius:1.25rem;box-shadow:var(--shadow);padding:2.25rem 2.25rem 2rem}
.org{display:flex;align-items:center;gap:.75rem;margin-bottom:1.75rem}
.mark{flex:none;width:2.75rem;height:2.75rem;border-radius:.85rem;display:grid;place-items:center;
background:var(--seal);color:var(--on-seal);font-weight:700;font-size:1.2rem}
.org b{display:block;font-size:1rem;line-height:1.3;overflow-wrap:anywhere}
.org div span{display:block;color:var(--soft);font-size:.875rem;line-height:1.3}
h1{margin:0 0 .35rem;font-size:1.6rem;line-height:1.2;letter-spacing:-.015em;font-weight:680}
p{margin:0 0 1rem}
.lead{color:var(--soft);margin-bottom:1.5rem;overflow-wrap:anywhere}
.lead b{color:var(--ink);font-weight:600}
label{display:block;font-weight:600;font-size:.9rem;margin-bottom:.35rem}
.field{margin-bottom:1.1rem}
input[type=text],input[type=password]{width:100%;min-height:3rem;padding:.6rem .85rem;font:inherit;
color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:.7rem}
input[aria-invalid=true]{border-color:var(--bad)}
.code input{font:600 1.6rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
letter-spacing:.18em;text-align:center;text-transform:uppercase;min-height:3.75rem}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
button{width:100%;min-height:3rem;padding:.6rem 1rem;font:inherit;font-weight:650;cursor:pointer;
border-radius:.7rem;border:1px solid transparent}
.primary{background:var(--seal);color:var(--on-seal);margin-top:.4rem}
.primary:hover{background:var(--seal-strong)}
.quiet{background:transparent;color:var(--ink);border-color:var(--line);margin-top:.75rem}
.quiet:hover,.plain:hover{background:var(--tint)}
.plain{background:transparent;color:var(--soft);margin-top:.5rem;font-weight:600}
.alert{display:flex;gap:.65rem;align-items:flex-start;background:var(--bad-tint);color:var(--bad);
border:1px solid currentcolor;border-radius:.7rem;padding:.75rem .9rem;margin-bottom:1.25rem;
font-size:.95rem}
.alert svg{flex:none;margin-top:.15rem}
.who{display:flex;align-items:center;gap:.7rem;padding:.7rem .85rem;border:1px solid var(--hair);
border-radius:.7rem;background:var(--tint);margin-bottom:1.25rem;overflow-wrap:anywhere}
.who small{display:block;color:var(--soft)}
.dot{flex:none;width:2.1rem;height:2.1rem;border-radius:50%;display:grid;place-items:center;
background:var(--paper);border:1px solid var(--hair);font-weight:650;font-size:.9rem}
ul.scopes{list-style:none;margin:0 0 1.5rem;padding:0}
.scopes li{display:flex;gap:.7rem;padding:.65rem 0;border-top:1px solid var(--hair)}
.scopes li:last-child{border-bottom:1px solid var(--hair)}
.scopes svg{flex:none;margin-top:.2rem;color:var(--seal)}
.scopes small{display:block;color:var(--soft);overflow-wrap:anywhere}
.show-code{font:650 1.9rem/1.2 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;
letter-spacing:.14em;text-align:center;padding:1rem .5rem;border:1px dashed var(--line);
border-radius:.7rem;background:var(--tint);margin:0 0 1.25rem}
h2{margin:1.75rem 0 .35rem;font-size:1.15rem;line-height:1.3;font-weight:680}
h1+.who{margin-top:1rem}
h2+.lead{margin-bottom:1rem;font-size:.95rem}
.said{display:flex;gap:.65rem;align-items:flex-start;background:var(--tint);border-radius:.7rem;
border:1px solid var(--seal);padding:.75rem .9rem;margin-bottom:1.25rem;font-size:.95rem}
.said svg{flex:none;margin-top:.2rem;color:var(--seal)}
ul.items{list-style:none;margin:0 0 1.25rem;padding:0}
.items li{display:flex;gap:.8rem;padding:.9rem 0;border-top:1px solid var(--hair);overflow-wrap:anywhere}
.items li:last-child{border-bottom:1px solid var(--hair)}
.items li>svg{flex:none;margin-top:.15rem;color:var(--seal)}
.items li>div{flex:1;min-width:0}
.items b{font-weight:600}
.items small{display:block;color:var(--soft)}
.items .alert{margin:.6rem 0 .4rem}
.changes{margin-top:.35rem}
summary{display:inline-flex;align-items:center;min-height:2.75rem;padding:.2rem .1rem;cursor:pointer;
font-weight:600;font-size:.9rem;color:var(--seal);text-decoration:underline;text-underline-offset:.2em;
list-style:none;border-radius:.4rem}
summary::-webkit-details-marker{display:none}
details[open]{padding-bottom:.5rem}
details p{font-size:.95rem;margin:.25rem 0 0}
.danger{color:var(--bad);border-color:currentcolor}
.answer{display:grid;grid-template-columns:1fr 1fr;gap:.6rem}
.answer button{font-size:.9rem;margin-top:.5rem}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
.badge{width:3.25rem;height:3.25rem;border-radius:50%;display:grid;place-items:center;
background:var(--tint);color:var(--seal);margin-bottom:1.1rem}
.badge.bad{background:var(--bad-tint);color:var(--bad)}
.fine{color:var(--soft);font-size:.875rem;margin:1.25rem 0 0;overflow-wrap:anywhere}
dl.fine{display:grid;grid-template-columns:auto 1fr;gap:.15rem .75rem}
dl.fine dd{margin:0;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
footer{display:flex;align-items:center;gap:.5rem;color:var(--soft);font-size:.85rem}
footer svg{flex:none;color:var(--seal)}
@media (max-width:30rem){html{background:var(--paper)}body{justify-content:flex-start;padding:0;gap:0;background:var(--paper)}
.card{max-width:none;border:0;border-radius:0;box-shadow:none;padding:2rem 1.35rem 1.5rem}
footer{padding:.5rem 1.35rem 2rem}}
@media (forced-colors:active){.card,button,.mark{border:1px solid}}
`;

export const stylesheetHash = `'sha256-${createHash('sha256').update(stylesheet).digest('base64')}'`;
