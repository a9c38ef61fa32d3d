// Where the network data lies that comes with this room. Reading it is for whoever has files.

import { join } from 'node:path';

export const SHIPPED_NETWORK_DATA: string = join(import.meta.dirname, '../../data/networks.bin');
