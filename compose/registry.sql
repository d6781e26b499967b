-- Where the schema registry keeps the schemas.
CREATE DATABASE registry;
