// Puts a button beside each thing that is there to be copied. Without a script one copies by hand.
for (const shown of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the " + shown.dataset.copy);
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(shown.value ?? shown.textContent);
    button.textContent = "Copied";
  });
  const row = shown.closest(".row");
  row ? row.append(button) : shown.after(button);
}
