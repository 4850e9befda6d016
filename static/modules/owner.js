/** Whose page this is, "<person>.<organisation>", or null when nobody is signed in. */
export function owner() {
  return document.querySelector('meta[name="omlop-owner"]')?.content || null;
}
