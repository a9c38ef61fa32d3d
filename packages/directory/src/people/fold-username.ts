// Usernames: what one may look like, and the key under which it is unique in its realm.
// NFKC and case folding after Unicode 3.13 (toNFKC_Casefold); invisible characters are refused.

const LONGEST_USERNAME = 128;
const MOST_ROUNDS = 4;
// Letters, marks and digits of any script, and the signs of an email address; no spaces.
const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+'-]*$/u;
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{C}]/u;

/** The unique key of a username, or undefined when it is none. Folding twice changes nothing. */
export function foldUsername(username: string): string | undefined {
  if (username.length > LONGEST_USERNAME) return undefined;
  let folded = username;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const next = foldOnce(folded);
    if (next === folded) {
      const good = folded.length <= LONGEST_USERNAME && USERNAME.test(folded);
      return good && !INVISIBLE.test(username) ? folded : undefined;
    }
    folded = next;
  }
  return undefined;
}

function foldOnce(text: string): string {
  // Character by character: lower-casing a whole word treats a final sigma differently.
  const folded = Array.from(text.normalize('NFKC'), (character) =>
    Array.from(character.toUpperCase(), (upper) => upper.toLowerCase()).join(''),
  );
  return folded.join('').normalize('NFKC');
}
