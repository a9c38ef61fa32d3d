// Letters that may stand for random bytes, told from names, paths and prose by their pairs: of the 42
// pairs in 43 letters of base64, random bytes have four or five of these on average and names have
// thirty. Symbol tables are a fifth of an executable; to unwrap them all takes longer than all the rest.

/** So many letters of base64 hold the shortest secret, 32 bytes. */
const SECRET_LETTERS = 43;
/**
 * Windows with more common pairs are names. Random letters have more three times in 10^9 windows
 * (binomial, 42 tries of 400 in 4,096); base64 of base64, hex, JSON or PEM has fewer of them still.
 */
const MOST_COMMON_PAIRS = 18;
/** What may stand before the random part of an encoded key, and after it. */
const BEFORE = 64;
const AFTER = 8;

/**
 * The 400 commonest pairs in runs of letters of two large executables (symbols, paths, sentences), but
 * those with A: zeros are A in base64, and keys in UTF-16 are every second byte zero.
 */
const COMMON_PAIRS = [
  'eroninteEEntNSortiroatlereensedeale//ccoedceioesrator/ars/om2/stmeri/sit/picS2ng',
  'ndacnawwRe/1anliINtampecchENctasssd//t/brt/Z/Strpat/ZNnesiisodowduillonsblgeetSt',
  'peemthapInolucaghiy/mimavityrnimirwsckcapt/2rd/irE0//dllts/rn/vev8rIea/aeE12brur',
  'elpo2vla/mCoc/ut11ochabaOpadN2diabnciePrcrou88aiprex8ittS0fiplunESothrulrcam1/ue',
  '/Euihemombl/iary/vS1/fsheInifo10ospiid/uig/wdaERsoboopS/tu/e//ewebDeweumnoxtkerm',
  'feEPt1Maphg/ypevscnRizo/luusrs20m/r1Grk/LotEipE/ivay/721rroo++Sefa/lT/Emi/quCacu',
  'tcegEv/hBagrltbu/NsroaglsurvPabeiflsa/jePN/oIJdop/3/efnkpppuVagirfspaupI8c/gvaNo',
  'nfN/l8ED13gCgBup+cL/17rueS16ub8/hoJSsa15oge+rkRKFo7/r+/nN414ISepgggssIViafSi2GEl',
  'u/ft1ES34/ONKNgIQQ/4ofnu6/sETrldTIzel1Toffclh/DQ5/TEIc4nCQLIb/S4dEeegRButP/RsmUn',
  'ccskTaD/tIgaELeOREhEGLobeTIggEDiwoDarBePdleCrb/9uaE1zae118waIQcignSEwnnvS6S5Bobj',
].join('');

const COMMON = new Uint8Array(1 << 14);
for (let at = 0; at < COMMON_PAIRS.length; at += 2)
  COMMON[(COMMON_PAIRS.charCodeAt(at) << 7) | COMMON_PAIRS.charCodeAt(at + 1)] = 1;

/** Calls `visit` with the parts of `letters` that are not names all over, in order, without overlaps. */
export function eachRandomPart(
  letters: Uint8Array,
  visit: (start: number, end: number) => void,
): void {
  let start = -1;
  let end = 0;
  eachRandomWindow(letters, (first, last) => {
    const from = Math.max(0, first - BEFORE);
    if (start >= 0 && from > end) {
      visit(start, end);
      start = from;
    }
    if (start < 0) start = from;
    end = Math.min(letters.length, last + AFTER);
  });
  if (start >= 0) visit(start, end);
}

/** True when some of these letters may stand for random bytes. */
export function holdsRandomPart(letters: Uint8Array): boolean {
  let found = false;
  eachRandomWindow(letters, () => {
    found = true;
  });
  return found;
}

/** A window may be shorter than that only where there are no more letters. */
function eachRandomWindow(letters: Uint8Array, visit: (first: number, last: number) => void): void {
  const width = Math.min(SECRET_LETTERS, letters.length);
  let common = 0;
  for (let at = 1; at < letters.length; at += 1) {
    common += isCommon(letters, at);
    if (at >= width) common -= isCommon(letters, at - width + 1);
    if (at >= width - 1 && common <= MOST_COMMON_PAIRS) visit(at - width + 1, at + 1);
  }
}

function isCommon(letters: Uint8Array, at: number): number {
  const pair = ((letters[at - 1] as number) << 7) | (letters[at] as number);
  return COMMON[pair] as number;
}
