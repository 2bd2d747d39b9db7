-- A small shop, for `bactrian demo`: the same rows each time.
SELECT setseed(0.42);

CREATE TYPE order_status AS ENUM ('new', 'paid', 'shipped', 'returned');

CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    email text NOT NULL UNIQUE,
    joined timestamptz NOT NULL
);
COMMENT ON TABLE customers IS 'Everybody who ever bought something';

CREATE TABLE products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sku text NOT NULL UNIQUE,
    price numeric(10, 2) NOT NULL CHECK (price > 0),
    attributes jsonb NOT NULL
);
CREATE INDEX products_attributes ON products USING gin (attributes);

CREATE TABLE orders (
    id bigint NOT NULL,
    customer_id bigint NOT NULL REFERENCES customers,
    placed timestamptz NOT NULL,
    status order_status NOT NULL,
    note text,
    PRIMARY KEY (id, placed)
) PARTITION BY RANGE (placed);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX orders_customer ON orders (customer_id);

CREATE TABLE order_lines (
    order_id bigint NOT NULL,
    product_id bigint NOT NULL REFERENCES products,
    quantity int NOT NULL CHECK (quantity > 0),
    price numeric(10, 2) NOT NULL,
    total numeric(12, 2) GENERATED ALWAYS AS (quantity * price) STORED,
    PRIMARY KEY (order_id, product_id)
);

INSERT INTO customers (name, email, joined)
SELECT initcap((ARRAY['ada','bjørn','chloé','dmitri','eun-ji','fatima','günter','hana'])[1 + i % 8]) || ' '
           || initcap((ARRAY['andersen','bakke','costa','dupont','eriksen','fischer','garcía'])[1 + i % 7]),
       'customer' || i || '@example.com',
       timestamptz '2025-01-01 00:00+00' + random() * interval '600 days'
  FROM generate_series(1, 20000) i;

INSERT INTO products (sku, price, attributes)
SELECT 'SKU-' || lpad(i::text, 5, '0'), round((1 + random() * 500)::numeric, 2),
       jsonb_build_object('color', (ARRAY['sand','camel','night','oasis'])[1 + i % 4], 'weight', (random() * 9000)::int,
                          'text', md5(i::text) || md5((i * 7)::text))
  FROM generate_series(1, 2000) i;

INSERT INTO orders (id, customer_id, placed, status, note)
SELECT i, 1 + (random() * 19999)::int, timestamptz '2025-01-01 00:00+00' + random() * interval '650 days',
       (ARRAY['new','paid','shipped','returned'])[1 + i % 4]::order_status,
       CASE WHEN i % 5 = 0 THEN 'leave it with the neighbour, ' || md5(i::text) END
  FROM generate_series(1, 100000) i;

INSERT INTO order_lines (order_id, product_id, quantity, price)
SELECT o, 1 + (o * 7 + l * 311) % 2000, 1 + (o + l) % 5, round((1 + random() * 500)::numeric, 2)
  FROM generate_series(1, 100000) o, generate_series(1, 2) l;

CREATE MATERIALIZED VIEW revenue AS
SELECT date_trunc('month', o.placed AT TIME ZONE 'UTC') AS month, sum(l.total) AS total
  FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY 1;

CREATE FUNCTION refuse_past() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF new.placed < '2025-01-01' THEN
        RAISE EXCEPTION 'orders begin in 2025';
    END IF;
    RETURN new;
END $$;
CREATE TRIGGER orders_not_in_the_past BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION refuse_past();
