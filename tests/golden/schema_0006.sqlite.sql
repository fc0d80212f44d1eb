
CREATE TABLE acknowledgement (
	alarm VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	PRIMARY KEY (alarm, side), 
	FOREIGN KEY(alarm) REFERENCES alarm (id)
);
CREATE TABLE alarm (
	alliance VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	kind VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	slot DATE NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (alliance, number, kind), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key"), 
	UNIQUE (id)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0006_installations');
CREATE TABLE alliance (
	"key" VARCHAR NOT NULL, 
	declared VARCHAR NOT NULL, 
	leads VARCHAR NOT NULL, 
	revision INTEGER NOT NULL, 
	digest_at DATETIME NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE answer (
	round VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	item VARCHAR NOT NULL, 
	side VARCHAR, 
	home_platform VARCHAR, 
	home_organisation VARCHAR, 
	value INTEGER, 
	at DATETIME NOT NULL, 
	spent BOOLEAN NOT NULL, 
	PRIMARY KEY (round, person, item), 
	CONSTRAINT ck_answer_value CHECK (value BETWEEN 1 AND 5), 
	FOREIGN KEY(round) REFERENCES round (id)
)
 WITHOUT ROWID

;
CREATE TABLE audit (
	seq INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	act VARCHAR NOT NULL, 
	alliance VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	detail VARCHAR NOT NULL, 
	mac VARCHAR NOT NULL, 
	PRIMARY KEY (seq)
);
CREATE TABLE audit_head (
	id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	mac VARCHAR NOT NULL, 
	base_seq INTEGER NOT NULL, 
	base_mac VARCHAR NOT NULL, 
	seal VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE channel (
	platform VARCHAR NOT NULL, 
	workspace VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	alliance VARCHAR NOT NULL, 
	PRIMARY KEY (platform, workspace, address), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE chat_line (
	id INTEGER NOT NULL, 
	"key" VARCHAR, 
	change INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	body VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (change), 
	UNIQUE ("key")
);
INSERT INTO "chat_line" VALUES(1,NULL,2,'2026-01-06 08:00:00+00:00',NULL);
CREATE TABLE comment (
	id VARCHAR NOT NULL, 
	round VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	share BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, block INTEGER, 
	PRIMARY KEY (id), 
	FOREIGN KEY(round) REFERENCES round (id), 
	CONSTRAINT uq_comment UNIQUE (round, person, at)
);
CREATE TABLE comment_block (
	alliance VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	slot DATE NOT NULL, 
	size INTEGER NOT NULL, 
	PRIMARY KEY (alliance, side, number), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE counter (
	name VARCHAR NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE delivery (
	seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	id VARCHAR NOT NULL, 
	slot VARCHAR NOT NULL, 
	alliance VARCHAR NOT NULL, 
	platform VARCHAR NOT NULL, 
	direct BOOLEAN NOT NULL, 
	place_key VARCHAR NOT NULL, 
	body VARCHAR, 
	revises VARCHAR, 
	state VARCHAR NOT NULL, 
	not_before DATETIME, 
	attempts INTEGER NOT NULL, 
	lease_until DATETIME, 
	lease_token VARCHAR, 
	claimed_at DATETIME, 
	changed_at DATETIME DEFAULT CURRENT_TIMESTAMP NOT NULL, 
	looks INTEGER NOT NULL, 
	reason VARCHAR NOT NULL, 
	message VARCHAR, 
	ref VARCHAR, 
	UNIQUE (id), 
	UNIQUE (slot)
);
CREATE TABLE departure (
	platform VARCHAR NOT NULL, 
	organisation VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (platform, organisation)
);
INSERT INTO "departure" VALUES('slack','T0GONE','2026-01-06 08:00:00+00:00');
CREATE TABLE erased (
	alliance VARCHAR NOT NULL, 
	purpose VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (alliance, purpose, person)
);
CREATE TABLE home (
	platform VARCHAR NOT NULL, 
	organisation VARCHAR NOT NULL, 
	alliance VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	mapped BOOLEAN NOT NULL, 
	PRIMARY KEY (platform, organisation, alliance), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE install_state (
	digest VARCHAR NOT NULL, 
	expires_at DATETIME NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE installation (
	workspace VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	expires_at DATETIME, 
	PRIMARY KEY (workspace)
);
CREATE TABLE invitation (
	round VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	PRIMARY KEY (round, person), 
	FOREIGN KEY(round) REFERENCES round (id)
);
CREATE TABLE lease (
	name VARCHAR NOT NULL, 
	token VARCHAR NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE memory (
	alliance VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	PRIMARY KEY (alliance), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE missed (
	alliance VARCHAR NOT NULL, 
	pulse VARCHAR NOT NULL, 
	slot DATE NOT NULL, 
	PRIMARY KEY (alliance, pulse, slot), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE proposal (
	id VARCHAR NOT NULL, 
	alliance VARCHAR NOT NULL, 
	term VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	side VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	until DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE pulse (
	alliance VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	look_at DATETIME NOT NULL, since DATETIME DEFAULT '1970-01-01 00:00:00+00:00' NOT NULL, 
	PRIMARY KEY (alliance, "key"), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE reading (
	platform VARCHAR NOT NULL, 
	workspace VARCHAR NOT NULL, 
	address VARCHAR NOT NULL, 
	message VARCHAR NOT NULL, 
	alliance VARCHAR, 
	person VARCHAR, 
	side VARCHAR, 
	polarity FLOAT, 
	at DATETIME NOT NULL, 
	deleted BOOLEAN NOT NULL, 
	PRIMARY KEY (platform, workspace, address, message), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE released (
	alliance VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	side VARCHAR NOT NULL, 
	dimension VARCHAR NOT NULL, 
	slot DATE NOT NULL, 
	value FLOAT NOT NULL, 
	band INTEGER NOT NULL, 
	favourable VARCHAR, 
	split BOOLEAN, 
	PRIMARY KEY (alliance, number, side, dimension), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key")
);
CREATE TABLE round (
	id VARCHAR NOT NULL, 
	alliance VARCHAR NOT NULL, 
	pulse VARCHAR NOT NULL, 
	slot DATE NOT NULL, 
	number INTEGER NOT NULL, 
	asked VARCHAR NOT NULL, 
	opens_at DATETIME NOT NULL, 
	closes_at DATETIME NOT NULL, 
	remind_at DATETIME, 
	minimum INTEGER NOT NULL, 
	holiday BOOLEAN NOT NULL, 
	state VARCHAR NOT NULL, 
	enrol_due DATETIME, 
	remind_due DATETIME, 
	close_due DATETIME, 
	mood VARCHAR, emptied BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(alliance) REFERENCES alliance ("key"), 
	CONSTRAINT uq_round_number UNIQUE (alliance, number), 
	CONSTRAINT uq_round_slot UNIQUE (alliance, pulse, slot)
);
CREATE TABLE setting (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE INDEX ix_alliance_digest_at ON alliance (digest_at);
CREATE INDEX ix_channel_alliance ON channel (alliance);
CREATE INDEX ix_home_alliance ON home (alliance);
CREATE INDEX ix_pulse_look_at ON pulse (look_at);
CREATE INDEX ix_reading_alliance_at ON reading (alliance, at);
CREATE INDEX ix_round_close_due ON round (close_due);
CREATE INDEX ix_round_enrol_due ON round (enrol_due);
CREATE INDEX ix_round_remind_due ON round (remind_due);
CREATE INDEX ix_answer_pending ON answer (home_organisation) WHERE side IS NULL;
CREATE INDEX ix_delivery_message ON delivery (place_key, message);
CREATE INDEX ix_delivery_revises ON delivery (revises);
CREATE INDEX ix_delivery_state ON delivery (state, seq);
CREATE INDEX ix_delivery_waiting_place ON delivery (place_key, seq) WHERE state IN ('pending', 'sending');
CREATE TRIGGER audit_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_delete BEFORE DELETE ON audit WHEN old.seq > coalesce((SELECT base_seq FROM audit_head), 0) BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE TRIGGER audit_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq) BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END;
CREATE INDEX ix_proposal_alliance ON proposal (alliance);
CREATE UNIQUE INDEX uq_proposal_open ON proposal (alliance, term) WHERE state = 'open';
CREATE INDEX ix_round_kept ON round (closes_at) WHERE NOT emptied;
CREATE INDEX ix_comment_at ON comment (at);
CREATE INDEX ix_reading_at ON reading (at);
CREATE INDEX ix_delivery_changed_at ON delivery (changed_at);
CREATE INDEX ix_comment_round ON comment (round);
CREATE INDEX ix_installation_expires_at ON installation (expires_at);
CREATE INDEX ix_install_state_expires_at ON install_state (expires_at);
DELETE FROM "sqlite_sequence";

