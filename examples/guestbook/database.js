import pg from "pg";

export const database = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 5 });

// A connection that breaks while nobody uses it is replaced; without this line it would end the process.
database.on("error", (error) => console.error("A database connection broke:", error.message));

export const addEntry = async (name, message) => {
  const { rows } = await database.query("INSERT INTO entries (name, message) VALUES ($1, $2) RETURNING id", [
    name,
    message,
  ]);
  return rows[0].id;
};

export const entryToModerate = async (id) => {
  const { rows } = await database.query("SELECT id, name, message FROM entries WHERE id = $1 AND state = 'new'", [id]);
  return rows[0];
};

export const setState = (id, state) => database.query("UPDATE entries SET state = $2 WHERE id = $1", [id, state]);

export const shownEntries = async () => {
  const { rows } = await database.query(
    "SELECT name, message, signed FROM entries WHERE state = 'shown' ORDER BY id DESC LIMIT 50",
  );
  return rows;
};

export const latestDigest = async () => {
  const { rows } = await database.query("SELECT made, shown, held FROM digests ORDER BY id DESC LIMIT 1");
  return rows[0];
};

export const addDigest = () =>
  database.query(`INSERT INTO digests (shown, held)
    SELECT count(*) FILTER (WHERE state = 'shown'), count(*) FILTER (WHERE state = 'held') FROM entries`);
