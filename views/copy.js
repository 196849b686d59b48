// Shows the copy buttons. Without scripts the text can be selected.
for (const box of document.querySelectorAll("[data-copy]")) {
  const button = box.querySelector("button");
  const text = box.querySelector("pre, textarea");
  const label = button.firstChild;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.value ?? text.textContent);
      label.textContent = "Copied";
    } catch {
      if (text.select) text.select();
      else getSelection().selectAllChildren(text);
      label.textContent = "Selected";
    }
    setTimeout(() => {
      label.textContent = "Copy";
    }, 2000);
  });
}
