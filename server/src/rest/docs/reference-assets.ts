/** Style and script of the API reference. They stand in the page; its content security policy names their hashes. */

export const STYLE = `
:root{--ground:#fff;--raised:#f4f5f7;--ink:#1f2329;--quiet:#59616c;--line:#d7dbe0;--link:#095ad2;--get:#095ad2;--post:#106d3e;--put:#8a4b00;--delete:#b0182b;--mark:#fff0c9;--mark-ink:#5f4300}
@media(prefers-color-scheme:dark){:root{--ground:#16181c;--raised:#1f2227;--ink:#e4e7ea;--quiet:#a3abb5;--line:#353a42;--link:#7fb2ff;--get:#7fb2ff;--post:#6fd39b;--put:#f0b661;--delete:#ff8e98;--mark:#453612;--mark-ink:#ffdf94}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;font:16px/1.5 system-ui,sans-serif;background:var(--ground);color:var(--ink);display:grid;grid-template:"header header" auto "nav main" 1fr/15rem minmax(0,1fr)}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,input:focus-visible{outline:2px solid var(--link);outline-offset:2px}
code,pre{font:.9em/1.5 ui-monospace,monospace}
code{overflow-wrap:anywhere}
pre{background:var(--raised);padding:1rem;border-radius:6px;overflow-x:auto}
pre code{overflow-wrap:normal}
.skip{position:absolute;left:-100rem}
.skip:focus{left:1rem;top:1rem;background:var(--ground)}
header{grid-area:header;border-bottom:1px solid var(--line);padding:1rem 1.5rem;display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:center}
header h1{font-size:1.25rem;margin:0}
header p{margin:0;display:flex;flex-wrap:wrap;gap:.25rem 1rem}
header label{margin-left:auto}
input{font:inherit;color:inherit;background:var(--ground);border:1px solid var(--quiet);border-radius:6px;padding:.35rem .6rem;width:18rem;max-width:100%}
nav{grid-area:nav;border-right:1px solid var(--line);padding:1rem 0;position:sticky;top:0;max-height:100vh;overflow-y:auto}
nav ul{list-style:none;margin:0;padding:0}
nav a{display:block;padding:.2rem 1.5rem;text-decoration:none;color:inherit}
nav a:hover{background:var(--raised)}
small{color:var(--quiet)}
main{grid-area:main;padding:1rem 1.5rem 4rem;max-width:60rem}
h2{margin:2rem 0 .75rem;font-size:1.25rem}
h3{margin:1rem 0 .25rem;font-size:.95rem}
#use h2{margin-top:0}
#use p,#realtime p{max-width:42rem}
details{border:1px solid var(--line);border-radius:6px;margin:.4rem 0}
details>div{padding:0 1rem 1rem;border-top:1px solid var(--line)}
summary{padding:.5rem 1rem;cursor:pointer}
summary:hover{background:var(--raised)}
summary b{display:inline-block;min-width:4.2rem;font-size:.8rem}
.about{display:block;color:var(--quiet)}
.get{color:var(--get)}.post{color:var(--post)}.put{color:var(--put)}.delete{color:var(--delete)}
.mark{background:var(--mark);color:var(--mark-ink);border-radius:4px;padding:.05rem .4rem;font-size:.8rem;margin:0 .25rem}
.type,.or{color:var(--quiet)}
.or{margin:.25rem 0 0}
em{color:var(--delete);font-style:normal;font-size:.85rem}
main ul{margin:.25rem 0;padding-left:1.25rem}
table{border-collapse:collapse}
th,td{border:1px solid var(--line);padding:.3rem .75rem;text-align:left}
[hidden]{display:none!important}
@media(max-width:50rem){
body{display:block}
nav{position:static;border:0;border-bottom:1px solid var(--line);padding:.5rem 1rem;max-height:none;overflow-x:auto}
nav ul{display:flex;gap:.25rem;white-space:nowrap}
nav a{padding:.4rem .6rem;border:1px solid var(--line);border-radius:1rem}
header,main{padding-left:1rem;padding-right:1rem}
header label{margin:0;width:100%}
input{width:100%}
#realtime ul{padding-left:1rem}
}
@media print{nav,header label{display:none}body{display:block}}`;

/** Filters the endpoints, and opens the one that the address names. Everything can be read without it. */
export const SCRIPT = `
const label=document.getElementById('search'),input=label.querySelector('input'),nothing=document.getElementById('nothing');
const areas=[...document.querySelectorAll('.area')].map((section)=>({section,
  link:document.querySelector('nav a[href="#'+CSS.escape(section.id)+'"]')?.parentElement,
  rows:[...section.querySelectorAll('details')].map((row)=>({row,text:row.querySelector('summary').textContent.toLowerCase()}))}));
label.hidden=false;
input.addEventListener('input',()=>{
  const words=input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let found=0;
  for(const {section,link,rows} of areas){
    let here=0;
    for(const {row,text} of rows){row.hidden=!words.every((word)=>text.includes(word));if(!row.hidden)here++}
    section.hidden=here===0;
    if(link)link.hidden=here===0;
    found+=here;
  }
  nothing.hidden=found>0;
});
const open=()=>{const row=document.getElementById(decodeURIComponent(location.hash.slice(1)));if(row?.tagName==='DETAILS'){row.open=true;row.scrollIntoView()}};
addEventListener('hashchange',open);
open();`;
