-- The shop of the example pipeline. No foreign keys: rows vanish as they do in real shops, and the
-- views must follow. REPLICA IDENTITY FULL gives every change its row as it was before.

CREATE TABLE customers (
  customer_id  bigint PRIMARY KEY,
  country      text,
  email        text,
  signed_up_at timestamptz
);

CREATE TABLE products (
  product_id  text PRIMARY KEY,
  description text,
  category    text,
  price       numeric(12, 2)
);

CREATE TABLE orders (
  order_id    text PRIMARY KEY,
  customer_id bigint,
  placed_at   timestamptz NOT NULL,
  status      text NOT NULL
);

CREATE TABLE order_lines (
  order_id   text NOT NULL,
  line_no    int NOT NULL,
  product_id text NOT NULL,
  quantity   int NOT NULL,
  unit_price numeric(12, 2) NOT NULL,
  PRIMARY KEY (order_id, line_no)
);

CREATE TABLE page_views (
  view_id     bigint PRIMARY KEY,
  customer_id bigint,
  url         text NOT NULL,
  viewed_at   timestamptz NOT NULL
);

ALTER TABLE customers REPLICA IDENTITY FULL;
ALTER TABLE products REPLICA IDENTITY FULL;
ALTER TABLE orders REPLICA IDENTITY FULL;
ALTER TABLE order_lines REPLICA IDENTITY FULL;
ALTER TABLE page_views REPLICA IDENTITY FULL;
