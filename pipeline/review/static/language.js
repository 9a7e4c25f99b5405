// The language of the interface is a cookie: the server writes the page in it.

for (const one of document.querySelectorAll("[data-language]")) {
  one.addEventListener("click", () => {
    document.cookie = `language=${one.dataset.language}; Path=/; Max-Age=31536000; SameSite=Strict`;
    window.location.reload();
  });
}
