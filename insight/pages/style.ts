/** The one style sheet of all pages: it is written into each, so that a page is whole when it is mailed. */
export const style = `
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#15202b;--soft:#55636f;--line:#dfe4e9;--accent:#0b57a4;--accent-soft:#e8f0f9;
--good:#146c3c;--good-soft:#e4f3ea;--warn:#835400;--warn-soft:#fbf0d9;--bad:#a8231c;--bad-soft:#fce9e7;--line-1:#0b57a4;--line-2:#b4530a;--line-3:#5b6b7b}
@media (prefers-color-scheme:dark){:root{--page:#0e1318;--card:#151c23;--ink:#e4eaf0;--soft:#9aa8b5;--line:#27323c;--accent:#7db8f7;--accent-soft:#17293b;
--good:#62cf93;--good-soft:#14291e;--warn:#e6b657;--warn-soft:#2d2412;--bad:#ff8f86;--bad-soft:#341a19;--line-1:#6cb2ff;--line-2:#f0a35e;--line-3:#8b9aa8}}
*{box-sizing:border-box}
body{margin:0;font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;color:var(--ink);background:var(--page);font-variant-numeric:tabular-nums}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.4rem .8rem;z-index:2}
.frame{display:grid;grid-template-columns:190px minmax(0,1fr);min-height:100vh;max-width:1440px;margin:0 auto}
header{padding:1.4rem 1rem 1rem 1.2rem;border-right:1px solid var(--line);position:sticky;top:0;align-self:start;height:100vh;overflow:auto}
.brand{display:flex;gap:.5rem;align-items:center;font-weight:650;font-size:15px;color:var(--ink);text-decoration:none;letter-spacing:-.01em}
.brand svg{width:18px;height:18px}
nav{margin-top:1.4rem}nav p{margin:1.1rem 0 .3rem .6rem;font-size:11px;color:var(--soft)}
nav ul{list-style:none;margin:0;padding:0}nav li{margin:1px 0}
nav a{display:block;padding:.3rem .6rem;border-radius:6px;color:var(--ink);text-decoration:none}
nav a:hover{background:var(--accent-soft)}nav a[aria-current]{background:var(--accent-soft);color:var(--accent);font-weight:600}
main{padding:1.6rem 2rem 4rem;min-width:0}
h1{font-size:21px;line-height:1.3;letter-spacing:-.015em;margin:0 0 .25rem;font-weight:640;max-width:60ch;overflow-wrap:anywhere}
h2{font-size:15px;margin:2rem 0 .6rem;font-weight:640}h3{font-size:13px;margin:0 0 .3rem;font-weight:600}
.lead{color:var(--soft);margin:0 0 1.2rem;max-width:90ch}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:12px;margin:1.2rem 0 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
.tile h2{margin:0;font-size:12px;font-weight:500;color:var(--soft);display:flex;justify-content:space-between;gap:.5rem}
.tile .value{font-size:24px;line-height:1.25;letter-spacing:-.02em;font-weight:620;margin:.2rem 0;overflow-wrap:anywhere}
.tile p{margin:0;color:var(--soft);font-size:12.5px;overflow-wrap:anywhere}.tile .spark{display:block;width:100%;height:26px;margin-top:.5rem}
.badge{display:inline-block;font-size:11.5px;line-height:1.5;padding:0 .5em;border-radius:5px;white-space:nowrap;font-weight:550}
.badge.good{background:var(--good-soft);color:var(--good)}.badge.watch{background:var(--warn-soft);color:var(--warn)}
.badge.bad{background:var(--bad-soft);color:var(--bad)}.badge.unknown{background:var(--page);color:var(--soft);border:1px solid var(--line)}
.table{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
table{border-collapse:collapse;width:100%;font-size:13px}
caption{text-align:left;padding:10px 14px 6px;color:var(--soft);font-size:12.5px}
th,td{text-align:left;vertical-align:top;padding:6px 12px;border-top:1px solid var(--line);overflow-wrap:anywhere}
thead th{font-weight:550;color:var(--soft);font-size:12px;white-space:nowrap;overflow-wrap:normal}
th.number,td.number{text-align:right;white-space:nowrap}td.time,td.short{white-space:nowrap;overflow-wrap:normal}td.wide{min-width:9rem}
tbody tr:hover{background:color-mix(in srgb,var(--accent-soft) 45%,transparent)}
.matrix td{text-align:center;padding:4px 8px;white-space:nowrap}.matrix td:first-child,.matrix tbody th{text-align:left}.matrix .none{color:var(--soft)}.matrix tbody th{font-weight:500;white-space:nowrap}.matrix .group th{padding:10px 12px 4px;font-weight:640;color:var(--ink)}
.tools{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:center;justify-content:space-between;margin:2rem 0 .6rem}
.tools h2{margin:0}.tools .links{font-size:12.5px;color:var(--soft);display:flex;gap:.8rem;align-items:center}
input[type=search]{font:inherit;font-size:13px;padding:.25rem .6rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--ink);width:16rem;max-width:100%}
button{font:inherit;font-size:12.5px;font-weight:550;padding:.25rem .7rem;border:1px solid var(--line);border-radius:6px;background:var(--card);color:var(--accent);cursor:pointer;white-space:nowrap}
button:hover{background:var(--accent-soft)}
code{font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.command{display:flex;gap:.6rem;align-items:center;justify-content:space-between;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px 8px 6px 12px;margin:6px 0;max-width:64rem}.card .command,.empty .command{background:var(--page)}.command code{color:var(--soft);user-select:all}
.attention{list-style:none;margin:0;padding:0;background:var(--card);border:1px solid var(--line);border-radius:10px}
.attention li{display:grid;grid-template-columns:84px minmax(0,1fr) auto;gap:2px 12px;padding:10px 14px;border-top:1px solid var(--line)}
.attention li:first-child{border-top:0}.attention .meta{grid-column:2;color:var(--soft);font-size:12.5px}.attention .act{grid-column:3;grid-row:1/span 2;text-align:right}
.attention .what{overflow-wrap:anywhere}
.empty{background:var(--card);border:1px dashed var(--line);border-radius:10px;padding:14px 16px;color:var(--soft)}.empty p{margin:0 0 .4rem}.empty .command{justify-content:start}
.life{list-style:none;margin:.4rem 0 0;padding:0;display:grid;grid-template-columns:repeat(6,minmax(0,1fr))}
.life li{position:relative;padding:18px 10px 0 0;font-size:12.5px;color:var(--soft);overflow-wrap:anywhere}
.life li::before{content:"";position:absolute;left:0;right:0;top:5px;border-top:2px solid var(--line)}
.life li::after{content:"";position:absolute;left:0;top:0;width:8px;height:8px;border-radius:50%;background:var(--card);border:2px solid var(--line)}
.life li.done::after{background:var(--accent);border-color:var(--accent)}.life b{display:block;color:var(--ink);font-weight:600;font-size:13px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:12px}
figure{margin:0}figcaption{display:flex;justify-content:space-between;gap:1rem;font-size:13px;font-weight:600;margin-bottom:.4rem}
figcaption span{font-weight:400;color:var(--soft)}figure svg{width:100%;height:auto;display:block}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.3rem 1.2rem;margin:0}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.sources{margin-top:2.6rem;border-top:1px solid var(--line);padding-top:1rem;color:var(--soft);font-size:12px}
.sources ol{margin:.4rem 0 0;padding-left:1.8rem;columns:2;column-gap:2.4rem}.sources li{break-inside:avoid;overflow-wrap:anywhere;margin-bottom:.25rem}
sup{line-height:0;font-size:10px}sup a{text-decoration:none;padding:0 1px}
.tabs{display:flex;flex-wrap:wrap;gap:.3rem;list-style:none;margin:0 0 1rem;padding:0}.tabs a{display:block;padding:.2rem .8rem;border:1px solid var(--line);border-radius:6px;background:var(--card);text-decoration:none;color:var(--ink)}
.tabs a[aria-current]{border-color:var(--accent);color:var(--accent);font-weight:600}
.soft{color:var(--soft);font-weight:400}.split{display:block;width:100%;height:8px;border-radius:4px}.interval{display:block;width:260px;max-width:100%;height:18px;margin-top:.2rem}
abbr{text-decoration:none}summary{cursor:pointer}details{max-width:60ch}.live{position:fixed;right:1rem;bottom:1rem;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.3rem .8rem;font-size:12px;color:var(--soft)}
@media (max-width:860px){.frame{display:block}header{position:static;height:auto;border-right:0;border-bottom:1px solid var(--line);padding:1rem}
nav{margin-top:.6rem}nav p{display:none}nav ul{display:flex;flex-wrap:wrap;gap:2px}main{padding:1.2rem 1rem 3rem}
.charts{grid-template-columns:1fr}.life{grid-template-columns:1fr 1fr}.sources ol{columns:1}.attention li{grid-template-columns:1fr}.attention .meta,.attention .act{grid-column:1;grid-row:auto;text-align:left}}
@media print{:root{--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb}body{font-size:10pt}header,.live,button,input,.skip,.links{display:none!important}
.frame{display:block}main{padding:0}.card,.table,.attention,.empty{break-inside:avoid-page;border-radius:0}.tiles{grid-template-columns:repeat(4,1fr)}a{color:inherit}}
`;
