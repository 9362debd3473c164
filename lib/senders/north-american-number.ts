export { digitsOf } from '../flowroute/client/north-american-number';
