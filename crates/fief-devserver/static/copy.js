// Puts a button beside each field that is there to be copied. Without a script one copies by hand.
for (const field of document.querySelectorAll("input[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy the " + field.dataset.copy);
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  });
  field.closest(".row").append(button);
}
