//! A table with every type that both families have, and values that break weak formats.

/// Creates and fills `every`.
pub(crate) const EVERY_TYPE: &str = r#"
SET SESSION sql_mode = '';
SET SESSION time_zone = '+00:00';
CREATE TABLE every (
  id INT NOT NULL PRIMARY KEY,
  tiny TINYINT, tiny_u TINYINT UNSIGNED, small SMALLINT, medium MEDIUMINT, big BIGINT,
  big_u BIGINT UNSIGNED, filled INT(8) UNSIGNED ZEROFILL, yes BOOLEAN,
  exact DECIMAL(65,30), money DECIMAL(12,2), rough FLOAT, fine DOUBLE,
  bits BIT(13), whole_bits BIT(64),
  day DATE, clock TIME(6), moment DATETIME(3), instant TIMESTAMP(6) NULL, since YEAR,
  fixed CHAR(10), varied VARCHAR(100), old VARCHAR(50) CHARACTER SET latin1,
  japanese VARCHAR(50) CHARACTER SET sjis, long_text LONGTEXT,
  raw BINARY(4), bytes VARBINARY(300), long_bytes LONGBLOB,
  choice ENUM('a', 'b,c', 'd"e', '住'), choices SET('x', 'y', '名'),
  document JSON, place POINT
) CHARACTER SET utf8mb4;
INSERT INTO every (id) VALUES (1);
INSERT INTO every VALUES (2,
  -128, 255, -32768, -8388608, -9223372036854775808, 18446744073709551615, 42, TRUE,
  '-12345678901234567890123456789012345.123456789012345678901234567890', '-0.05', 1e20, -1.5e-300,
  b'1010101010101', 18446744073709551615,
  '9999-12-31', '-838:59:59', '2026-11-26 05:30:00.123', '2026-11-26 05:30:00.654321', 2026,
  ' pad ', 'tab\there\nline\r\nback\\slash "quote" \'single\' , comma', 'café ÿ', '住所ソ表',
  'a\0b', 'ab', X'00090A5C0D22FF2C', X'E4BD8F00', 'b,c', 'x,名',
  '{"k": "v\\n", "住": [1, 2.50, null]}', ST_GeomFromText('POINT(1 2)'));
INSERT INTO every VALUES (3,
  0, 0, 0, 0, 0, 0, 0, FALSE, 0, 0, 0, 0, 0, 0,
  '0000-00-00', '00:00:00', '0000-00-00 00:00:00', '1970-01-01 00:00:01', 0,
  '', '', '', '', '', '', '', '', 'a', '', '""', NULL);
INSERT INTO every VALUES (4,
  1, 1, 1, 1, 1, 1, 1, 1, 1.5, 1234567890.12, 0.1, 0.1, 1, 1,
  '2024-02-29', '838:59:59.000000', '1000-01-01 00:00:00', '2038-01-19 03:14:07', 1901,
  'NULL', '\\N', '=1+1', 'ｱ', REPEAT('住\t', 3000),
  'wxyz', 'NULL', REPEAT('\t\0\n', 5000), '住', 'x,y,名', '[]', ST_GeomFromText('POINT(-1 0)'));
INSERT INTO every (id, varied, long_text, rough, fine) VALUES
  (5, '😀👨‍👩‍👧', '\\', 3.4028e38, 1.7976931348623157e308), (6, '\t', '\n', 16777217, 0.30000000000000004),
  (7, 'NULL', 'null', 1234567, 123456789012345680000);
CREATE TABLE `odd names` (`a	tab` INT, `b\nline` INT, `c\\back` INT, `住所,"` INT);
INSERT INTO `odd names` VALUES (1, 2, 3, NULL);
"#;
