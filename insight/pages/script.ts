/**
 * What the pages do beyond being read: copy a command, filter a table, show what is new. All of it works on what is
 * there already, and nothing is missing to who has it switched off.
 */
export const script = `
"use strict";
function wire(root){
  for(const button of root.querySelectorAll("button[data-copy]")){
    button.hidden=false;
    button.addEventListener("click",async()=>{
      const text=button.dataset.copy;
      try{await navigator.clipboard.writeText(text)}catch{
        const area=document.createElement("textarea");area.value=text;document.body.append(area);area.select();
        document.execCommand("copy");area.remove();button.focus();
      }
      const was=button.textContent;button.textContent="Copied";setTimeout(()=>{button.textContent=was},1500);
    });
  }
  for(const input of root.querySelectorAll("input[data-filters]")){
    input.hidden=false;
    const table=document.getElementById(input.dataset.filters);
    const show=()=>{
      const words=input.value.toLowerCase().split(/\\s+/).filter(Boolean);
      for(const body of table.tBodies){
        const rows=[...body.rows].filter((row)=>!row.classList.contains("group"));
        for(const row of rows){
          const text=row.textContent.toLowerCase();
          row.hidden=!words.every((word)=>text.includes(word));
        }
        body.hidden=rows.every((row)=>row.hidden);
      }
      const url=new URL(location.href);
      if(input.value)url.searchParams.set(input.name,input.value);else url.searchParams.delete(input.name);
      history.replaceState(null,"",url);
    };
    const asked=new URL(location.href).searchParams.get(input.name);
    if(asked){input.value=asked;show()}
    input.addEventListener("input",show);
  }
}
wire(document);
const live=document.querySelector("[data-live]");
if(live){
  let known=live.dataset.live;
  setInterval(async()=>{
    if(document.hidden)return;
    try{
      const answer=await fetch(location.href,{headers:{accept:"text/html"}});
      const page=new DOMParser().parseFromString(await answer.text(),"text/html");
      const now=page.querySelector("[data-live]");
      const main=document.querySelector("main");
      live.textContent=now.textContent;
      if(!answer.ok||now.dataset.live===known||main.contains(document.activeElement)||getSelection().toString())return;
      known=now.dataset.live;
      const next=page.querySelector("main");
      main.replaceWith(next);
      wire(next);
    }catch{live.textContent="The dashboard does not answer any more."}
  },5000);
}
`;
