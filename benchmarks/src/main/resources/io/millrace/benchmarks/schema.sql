CREATE TABLE customers (
  customer_id bigint PRIMARY KEY,
  country text,
  email text
);

CREATE TABLE products (
  product_id text PRIMARY KEY,
  description text,
  category text
);

CREATE TABLE orders (
  order_id text PRIMARY KEY,
  customer_id bigint,
  placed_at timestamptz NOT NULL,
  status text NOT NULL
);

CREATE TABLE order_lines (
  order_id text,
  line_no int,
  product_id text NOT NULL,
  quantity int NOT NULL,
  unit_price numeric(12, 2) NOT NULL,
  PRIMARY KEY (order_id, line_no)
);

-- cdc-connector captures no table whose changes come without the old row
ALTER TABLE customers REPLICA IDENTITY FULL;
ALTER TABLE products REPLICA IDENTITY FULL;
ALTER TABLE orders REPLICA IDENTITY FULL;
ALTER TABLE order_lines REPLICA IDENTITY FULL;
