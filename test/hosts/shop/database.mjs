import pg from 'pg';

export const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
pool.on('error', (error) => console.error(error));

await pool.query(`
  CREATE TABLE IF NOT EXISTS customers (id serial PRIMARY KEY, email text UNIQUE, password text);
  CREATE TABLE IF NOT EXISTS purchases (customer_id integer, article text);
`);

export async function customerBy(column, value) {
  const { rows } = await pool.query(`SELECT * FROM customers WHERE ${column} = $1`, [value]);
  return rows[0];
}
