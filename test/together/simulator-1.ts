import { load } from './load';

load(__filename);
