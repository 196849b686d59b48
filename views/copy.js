// Shows the copy buttons; without script the text beside them can be selected.
for (const box of document.querySelectorAll("[data-copy]")) {
  const button = box.querySelector("button");
  const label = button.firstChild;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(box.querySelector("pre").textContent);
      label.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(box.querySelector("pre"));
      label.textContent = "Selected";
    }
    setTimeout(() => {
      label.textContent = "Copy";
    }, 2000);
  });
}
