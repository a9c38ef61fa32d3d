// Networks of public clouds and large hosters, by ASN: facts that their owners publish and that change
// seldom. No list of ours beyond that: whoever wants more imports it (`lists/read-list.ts`).

export const HOSTING_ASNS: ReadonlySet<number> = new Set([
  ...[16509, 14618, 8987], // Amazon Web Services
  ...[396982, 15169], // Google Cloud; Google
  ...[8075, 8068, 8069], // Microsoft
  ...[31898, 7160], // Oracle Cloud
  ...[36351], // IBM Cloud, SoftLayer
  ...[45102, 37963], // Alibaba Cloud
  ...[132203, 45090], // Tencent Cloud
  ...[136907, 55990], // Huawei Cloud
  ...[14061], // DigitalOcean
  ...[63949], // Linode, Akamai Connected Cloud
  ...[20473], // Vultr, The Constant Company
  ...[16276], // OVH
  ...[24940, 213230, 212317], // Hetzner
  ...[12876], // Scaleway
  ...[51167], // Contabo
  ...[60781, 28753, 30633, 59253], // LeaseWeb
  ...[8560], // IONOS
  ...[13335], // Cloudflare
  ...[54113], // Fastly
  ...[9009], // M247
  ...[212238, 60068], // Datacamp, CDN77
  ...[53667], // FranTech, BuyVM
  ...[62240], // Clouvider
  ...[29802], // HIVELOCITY
  ...[46606, 26496], // Unified Layer, GoDaddy
]);
