export { shortenIp, spellIp } from './values/spell-ip.ts';
