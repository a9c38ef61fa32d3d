// Roughly where countries lie: latitude and longitude of their middle in whole degrees, and how far their
// land reaches from there, in hundreds of kilometres. Enough to tell a journey that nobody made.

const PLACES =
  'AD 42 1 0,AE 24 54 3,AF 34 66 8,AG 17 -61 0,AL 41 20 2,AM 40 45 2,AO -12 18 9,AR -35 -65 19,AT 47 14 3,AU -25 134 21,AZ 40 47 3,BA 44 18 2,BB 13 -59 0,BD 24 90 4,BE 51 4 2,BF 12 -2 5,BG 43 25 3,BH 26 50 0,BI -3 30 1,BJ 9 2 4,BN 4 115 1,BO -17 -65 9,BR -10 -53 23,BS 24 -76 4,BT 27 90 2,BW -22 24 6,BY 53 28 4,BZ 17 -88 2,CA 58 -100 28,CD -3 23 12,CF 7 21 7,CG -1 15 6,CH 47 8 2,CI 8 -5 4,CL -33 -71 24,CM 6 12 7,CN 36 104 25,CO 4 -73 9,CR 10 -84 2,CU 22 -79 6,CV 15 -24 2,CY 35 33 1,CZ 50 15 3,DE 51 10 5,DJ 12 43 1,DK 56 10 3,DM 15 -61 0,DO 19 -70 2,DZ 28 3 12,EC -1 -78 7,EE 59 26 2,EG 27 30 7,ER 15 39 5,ES 40 -4 14,ET 9 40 8,FI 64 26 6,FJ -18 178 3,FR 47 2 6,GA -1 12 4,GB 54 -2 6,GE 42 43 3,GH 8 -1 4,GM 13 -15 2,GN 10 -11 4,GQ 2 10 3,GR 39 22 5,GT 15 -90 3,GW 12 -15 2,GY 5 -59 4,HK 22 114 0,HN 15 -87 3,HR 45 16 3,HT 19 -73 2,HU 47 19 3,ID -2 118 26,IE 53 -8 3,IL 31 35 2,IN 22 79 17,IQ 33 44 5,IR 32 54 11,IS 65 -19 3,IT 43 12 7,JM 18 -77 1,JO 31 36 3,JP 37 138 16,KE 0 38 6,KG 41 75 5,KH 13 105 3,KM -12 44 1,KP 40 127 4,KR 36 128 3,KW 29 48 1,KZ 48 67 16,LA 18 104 6,LB 34 36 1,LI 47 10 0,LK 8 81 2,LR 6 -9 3,LS -30 28 1,LT 55 24 2,LU 50 6 1,LV 57 25 3,LY 27 17 9,MA 32 -6 10,MC 44 7 0,MD 47 29 2,ME 43 19 1,MG -19 47 8,MK 42 22 1,ML 17 -4 10,MM 21 96 10,MN 47 104 13,MO 22 114 0,MR 20 -10 8,MT 36 14 0,MU -20 57 1,MV 3 73 5,MW -13 34 5,MX 24 -102 17,MY 4 109 11,MZ -18 35 11,NA -22 17 8,NE 17 8 9,NG 9 8 7,NI 13 -85 3,NL 52 5 2,NO 64 12 9,NP 28 84 5,NZ -41 173 9,OM 21 56 6,PA 9 -80 4,PE -9 -75 12,PG -6 145 7,PH 12 122 10,PK 30 69 10,PL 52 19 4,PR 18 -66 1,PS 32 35 1,PT 39 -8 16,PY -23 -58 5,QA 25 51 1,RO 46 25 4,RS 44 21 3,RU 60 90 45,RW -2 30 1,SA 24 45 10,SC -5 55 6,SD 15 30 9,SE 63 16 8,SG 1 104 0,SI 46 15 1,SK 49 20 2,SL 8 -12 2,SM 44 12 0,SN 14 -14 4,SO 5 46 9,SR 4 -56 3,SS 7 30 6,ST 0 7 1,SV 14 -89 1,SY 35 38 4,SZ -27 32 1,TD 15 19 9,TG 9 1 3,TH 15 101 9,TJ 39 71 4,TL -9 126 2,TM 39 59 6,TN 34 9 4,TO -20 -175 3,TR 39 35 8,TT 11 -61 1,TW 24 121 2,TZ -6 35 7,UA 49 32 7,UG 1 32 3,US 40 -98 65,UY -33 -56 3,UZ 41 64 7,VA 42 12 0,VE 7 -66 7,VN 16 107 9,VU -16 167 5,WS -14 -172 1,XK 43 21 1,YE 15 48 6,ZA -29 25 10,ZM -14 28 7,ZW -19 30 4';

interface Place {
  latitude: number;
  longitude: number;
  reachKm: number;
}

const PLACE_BY_NUMBER = new Map<number, Place>(
  PLACES.split(',').map((entry) => {
    const [code = '', latitude = '', longitude = '', reach = ''] = entry.split(' ');
    const number = code.charCodeAt(0) * 256 + code.charCodeAt(1);
    return [
      number,
      { latitude: Number(latitude), longitude: Number(longitude), reachKm: 100 * Number(reach) },
    ];
  }),
);

const EARTH_KM = 6_371;
const RADIANS = Math.PI / 180;

/**
 * The least that lies between two countries, in kilometres; undefined for one that is not known.
 *
 * @param one As a number: first letter × 256 + second.
 */
export function leastKmBetween(one: number, other: number): number | undefined {
  if (one === other) return 0;
  const [from, to] = [PLACE_BY_NUMBER.get(one), PLACE_BY_NUMBER.get(other)];
  if (from === undefined || to === undefined) return undefined;
  return Math.max(0, greatCircleKm(from, to) - from.reachKm - to.reachKm);
}

/** Haversine. */
function greatCircleKm(from: Place, to: Place): number {
  const half = (degrees: number) => Math.sin((degrees * RADIANS) / 2) ** 2;
  const a =
    half(to.latitude - from.latitude) +
    Math.cos(from.latitude * RADIANS) *
      Math.cos(to.latitude * RADIANS) *
      half(to.longitude - from.longitude);
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(a)));
}

/** "NO" from its number; "a country" from what is none. */
export function nameCountry(number: number): string {
  return PLACE_BY_NUMBER.has(number)
    ? String.fromCharCode(Math.floor(number / 256), number % 256)
    : 'a country';
}
