// Lines in the form of the published file, for tests.

export const HEADER =
  'index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User Agent String,' +
  'Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is Attack IP,Is Account Takeover';

export interface RbaLine {
  time?: string;
  user?: string;
  ip?: string;
  country?: string;
  asn?: string;
  ua?: string;
  device?: string;
  success?: string;
  takeover?: string;
}

export function rbaLine(index: number, line: RbaLine = {}): string {
  const {
    time = '2020-02-03 12:43:30.772',
    user = '-4324475583306591935',
    ip = '10.0.65.171',
  } = line;
  const { country = 'NO', asn = '29695', device = 'mobile', success = 'True' } = line;
  const { ua = 'Mozilla/5.0 (iPhone; like Gecko, Safari)', takeover = 'False' } = line;
  return [
    ...[String(index), time, user, '', ip, country, '-', '-', asn, `"${ua.replaceAll('"', '""')}"`],
    ...['Safari 13', 'iOS 13.4', device, success, 'False', takeover],
  ].join(',');
}
