-- The database of a share-house rental company. Loads alike in MariaDB 10.11
-- and in MySQL 9.7: no feature that only one of them has, and no FLOAT, whose
-- text is not its value.

CREATE TABLE nationalities (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  code CHAR(2) NOT NULL,
  name VARCHAR(40) NOT NULL,
  name_en VARCHAR(40) NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY index_nationalities_on_code (code)
) ENGINE=InnoDB COMMENT='国籍マスタ';

CREATE TABLE areas (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  prefecture VARCHAR(10) NOT NULL,
  ward VARCHAR(20) NOT NULL,
  sort_order INT NOT NULL DEFAULT 0,
  PRIMARY KEY (id)
) ENGINE=InnoDB COMMENT='エリアマスタ';

CREATE TABLE railway_lines (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  company VARCHAR(40) NOT NULL,
  name VARCHAR(40) NOT NULL,
  color CHAR(7) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB COMMENT='路線マスタ';

CREATE TABLE stations (
  id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
  railway_line_id SMALLINT UNSIGNED NOT NULL,
  name VARCHAR(40) NOT NULL,
  latitude DECIMAL(9,6) NOT NULL,
  longitude DECIMAL(9,6) NOT NULL,
  PRIMARY KEY (id),
  KEY index_stations_on_name (name(10)),
  CONSTRAINT fk_stations_line FOREIGN KEY (railway_line_id) REFERENCES railway_lines (id)
) ENGINE=InnoDB COMMENT='駅マスタ';

CREATE TABLE room_types (
  id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT,
  code VARCHAR(16) NOT NULL,
  name VARCHAR(40) NOT NULL,
  capacity TINYINT UNSIGNED NOT NULL DEFAULT 1,
  description TEXT,
  PRIMARY KEY (id)
) ENGINE=InnoDB COMMENT='部屋タイプ';

CREATE TABLE payment_methods (
  id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT,
  code VARCHAR(20) CHARACTER SET ascii NOT NULL,
  name VARCHAR(40) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB;

CREATE TABLE inquiry_sources (
  id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(40) NOT NULL,
  url VARCHAR(255) DEFAULT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB;

CREATE TABLE staff (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  name VARCHAR(40) NOT NULL,
  kana VARCHAR(40) NOT NULL,
  email VARCHAR(120) NOT NULL,
  role ENUM('admin','manager','sales','support','cleaning') NOT NULL DEFAULT 'sales',
  permissions SET('tenants','contracts','payments','reports','settings') NOT NULL DEFAULT '',
  password_digest BINARY(32) NOT NULL,
  hired_on DATE NOT NULL,
  working_from TIME NOT NULL DEFAULT '09:30:00',
  active BIT(1) NOT NULL DEFAULT b'1',
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY index_staff_on_email (email)
) ENGINE=InnoDB;

CREATE TABLE apartments (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  area_id SMALLINT UNSIGNED NOT NULL,
  manager_id INT UNSIGNED DEFAULT NULL,
  code CHAR(6) NOT NULL,
  name VARCHAR(80) NOT NULL,
  address VARCHAR(200) NOT NULL,
  built_year YEAR NOT NULL,
  floors TINYINT UNSIGNED NOT NULL,
  latitude DECIMAL(9,6) NOT NULL,
  longitude DECIMAL(9,6) NOT NULL,
  features SET('women_only','pets','parking','theater','gym','garden','study_room') NOT NULL DEFAULT '',
  amenities JSON DEFAULT NULL,
  entrance_code VARBINARY(16) DEFAULT NULL,
  rules LONGTEXT,
  thumbnail BLOB,
  opened_on DATE NOT NULL,
  closed_on DATE DEFAULT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY index_apartments_on_code (code),
  KEY index_apartments_on_area_id (area_id),
  CONSTRAINT fk_apartments_area FOREIGN KEY (area_id) REFERENCES areas (id),
  CONSTRAINT fk_apartments_manager FOREIGN KEY (manager_id) REFERENCES staff (id) ON DELETE SET NULL
) ENGINE=InnoDB COMMENT='物件';

CREATE TABLE apartment_stations (
  apartment_id INT UNSIGNED NOT NULL,
  station_id SMALLINT UNSIGNED NOT NULL,
  walk_minutes TINYINT UNSIGNED NOT NULL,
  PRIMARY KEY (apartment_id, station_id),
  CONSTRAINT fk_access_apartment FOREIGN KEY (apartment_id) REFERENCES apartments (id) ON DELETE CASCADE,
  CONSTRAINT fk_access_station FOREIGN KEY (station_id) REFERENCES stations (id)
) ENGINE=InnoDB;

CREATE TABLE rooms (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  apartment_id INT UNSIGNED NOT NULL,
  room_type_id TINYINT UNSIGNED NOT NULL,
  number VARCHAR(8) NOT NULL,
  floor TINYINT NOT NULL,
  area_m2 DOUBLE NOT NULL,
  rent INT NOT NULL,
  common_fee INT NOT NULL,
  deposit DECIMAL(10,2) NOT NULL DEFAULT 0.00,
  status ENUM('vacant','occupied','reserved','repair') NOT NULL DEFAULT 'vacant',
  equipment BIT(8) NOT NULL DEFAULT b'0',
  note TEXT,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY index_rooms_on_apartment_and_number (apartment_id, number),
  KEY index_rooms_on_status (status),
  CONSTRAINT fk_rooms_apartment FOREIGN KEY (apartment_id) REFERENCES apartments (id),
  CONSTRAINT fk_rooms_type FOREIGN KEY (room_type_id) REFERENCES room_types (id)
) ENGINE=InnoDB COMMENT='部屋';

CREATE TABLE tenants (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  code CHAR(9) NOT NULL,
  last_name VARCHAR(40) NOT NULL,
  first_name VARCHAR(40) NOT NULL,
  kana VARCHAR(80) DEFAULT NULL,
  gender ENUM('female','male','other','no_answer') NOT NULL,
  birthday DATE DEFAULT NULL,
  nationality_id SMALLINT UNSIGNED NOT NULL,
  email VARCHAR(120) NOT NULL,
  phone VARCHAR(20) DEFAULT NULL,
  address VARCHAR(200) DEFAULT NULL,
  occupation VARCHAR(40) DEFAULT NULL,
  emergency_contact JSON DEFAULT NULL,
  visa_expires_on DATE DEFAULT NULL,
  newsletter TINYINT(1) NOT NULL DEFAULT 0,
  note TEXT,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY index_tenants_on_code (code),
  KEY index_tenants_on_email (email),
  KEY index_tenants_on_name (last_name, first_name),
  KEY index_tenants_on_updated_at (updated_at),
  CONSTRAINT fk_tenants_nationality FOREIGN KEY (nationality_id) REFERENCES nationalities (id)
) ENGINE=InnoDB COMMENT='入居者';

CREATE TABLE contracts (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  tenant_id INT UNSIGNED NOT NULL,
  room_id INT UNSIGNED NOT NULL,
  contract_no VARCHAR(16) NOT NULL,
  kind ENUM('new','renewal','transfer') NOT NULL DEFAULT 'new',
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  cancelled_at DATETIME DEFAULT NULL,
  rent INT NOT NULL,
  deposit DECIMAL(10,2) NOT NULL,
  guarantor VARCHAR(80) DEFAULT NULL,
  terms JSON DEFAULT NULL,
  signed_at TIMESTAMP NULL DEFAULT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  UNIQUE KEY index_contracts_on_contract_no (contract_no),
  KEY index_contracts_on_tenant_id (tenant_id),
  KEY index_contracts_on_room_and_start (room_id, starts_on),
  CONSTRAINT fk_contracts_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT fk_contracts_room FOREIGN KEY (room_id) REFERENCES rooms (id)
) ENGINE=InnoDB COMMENT='契約';

CREATE TABLE movings (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  contract_id INT UNSIGNED NOT NULL,
  tenant_id INT UNSIGNED NOT NULL,
  from_room_id INT UNSIGNED DEFAULT NULL,
  to_room_id INT UNSIGNED DEFAULT NULL,
  staff_id INT UNSIGNED DEFAULT NULL,
  kind ENUM('move_in','move_out','room_change') NOT NULL,
  scheduled_on DATE NOT NULL,
  done_at DATETIME DEFAULT NULL,
  key_returned BIT(1) NOT NULL DEFAULT b'0',
  cleaning_fee DECIMAL(8,0) NOT NULL DEFAULT 0,
  memo TEXT,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY index_movings_on_scheduled_on (scheduled_on),
  CONSTRAINT fk_movings_contract FOREIGN KEY (contract_id) REFERENCES contracts (id),
  CONSTRAINT fk_movings_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id),
  CONSTRAINT fk_movings_from FOREIGN KEY (from_room_id) REFERENCES rooms (id),
  CONSTRAINT fk_movings_to FOREIGN KEY (to_room_id) REFERENCES rooms (id),
  CONSTRAINT fk_movings_staff FOREIGN KEY (staff_id) REFERENCES staff (id)
) ENGINE=InnoDB COMMENT='入退去';

CREATE TABLE inquiries (
  id BIGINT NOT NULL AUTO_INCREMENT,
  inquiry_source_id TINYINT UNSIGNED NOT NULL,
  apartment_id INT UNSIGNED DEFAULT NULL,
  staff_id INT UNSIGNED DEFAULT NULL,
  name VARCHAR(80) NOT NULL,
  email VARCHAR(120) NOT NULL,
  phone VARCHAR(20) DEFAULT NULL,
  language ENUM('ja','en','zh','ko') NOT NULL DEFAULT 'ja',
  desired_from DATE DEFAULT NULL,
  budget MEDIUMINT UNSIGNED DEFAULT NULL,
  body TEXT NOT NULL,
  user_agent VARCHAR(255) DEFAULT NULL,
  ip_address VARBINARY(16) DEFAULT NULL,
  status ENUM('open','answered','tour','won','lost') NOT NULL DEFAULT 'open',
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  KEY index_inquiries_on_status (status, created_at),
  CONSTRAINT fk_inquiries_source FOREIGN KEY (inquiry_source_id) REFERENCES inquiry_sources (id),
  CONSTRAINT fk_inquiries_apartment FOREIGN KEY (apartment_id) REFERENCES apartments (id),
  CONSTRAINT fk_inquiries_staff FOREIGN KEY (staff_id) REFERENCES staff (id)
) ENGINE=InnoDB COMMENT='問い合わせ';

CREATE TABLE inquiry_messages (
  id BIGINT NOT NULL AUTO_INCREMENT,
  inquiry_id BIGINT NOT NULL,
  direction ENUM('in','out') NOT NULL,
  body MEDIUMTEXT NOT NULL,
  sent_at DATETIME(3) NOT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT fk_messages_inquiry FOREIGN KEY (inquiry_id) REFERENCES inquiries (id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE tours (
  id INT NOT NULL AUTO_INCREMENT,
  inquiry_id BIGINT NOT NULL,
  room_id INT UNSIGNED NOT NULL,
  staff_id INT UNSIGNED DEFAULT NULL,
  starts_at DATETIME NOT NULL,
  length TIME NOT NULL DEFAULT '00:45:00',
  result ENUM('applied','thinking','declined','no_show') DEFAULT NULL,
  impression TEXT,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT fk_tours_inquiry FOREIGN KEY (inquiry_id) REFERENCES inquiries (id),
  CONSTRAINT fk_tours_room FOREIGN KEY (room_id) REFERENCES rooms (id),
  CONSTRAINT fk_tours_staff FOREIGN KEY (staff_id) REFERENCES staff (id)
) ENGINE=InnoDB COMMENT='内見';

CREATE TABLE repairs (
  id INT NOT NULL AUTO_INCREMENT,
  room_id INT UNSIGNED NOT NULL,
  tenant_id INT UNSIGNED DEFAULT NULL,
  category VARCHAR(20) NOT NULL,
  description TEXT NOT NULL,
  photos JSON DEFAULT NULL,
  cost DECIMAL(10,2) DEFAULT NULL,
  reported_at DATETIME NOT NULL,
  done_on DATE DEFAULT NULL,
  created_at DATETIME NOT NULL,
  updated_at DATETIME NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT fk_repairs_room FOREIGN KEY (room_id) REFERENCES rooms (id),
  CONSTRAINT fk_repairs_tenant FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) ENGINE=InnoDB COMMENT='修繕';

CREATE TABLE payments (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  contract_id INT UNSIGNED NOT NULL,
  payment_method_id TINYINT UNSIGNED NOT NULL,
  billing_month DATE NOT NULL,
  amount DECIMAL(10,0) NOT NULL,
  fee DECIMAL(6,2) NOT NULL DEFAULT 0.00,
  status ENUM('billed','paid','late','refunded') NOT NULL DEFAULT 'billed',
  reference CHAR(14) CHARACTER SET ascii NOT NULL,
  paid_at DATETIME DEFAULT NULL,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY index_payments_on_contract_and_month (contract_id, billing_month),
  KEY index_payments_on_updated_at (updated_at),
  CONSTRAINT fk_payments_contract FOREIGN KEY (contract_id) REFERENCES contracts (id),
  CONSTRAINT fk_payments_method FOREIGN KEY (payment_method_id) REFERENCES payment_methods (id)
) ENGINE=InnoDB COMMENT='家賃の入金';

CREATE TABLE campaigns_archive (
  id INT NOT NULL AUTO_INCREMENT,
  title VARCHAR(80) NOT NULL,
  PRIMARY KEY (id)
) ENGINE=InnoDB COMMENT='使われていない';

CREATE TABLE schema_migrations (
  version VARCHAR(14) NOT NULL,
  PRIMARY KEY (version)
) ENGINE=InnoDB;
