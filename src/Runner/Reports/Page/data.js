// What the page was written with.

const data = JSON.parse(document.getElementById("data").textContent);
