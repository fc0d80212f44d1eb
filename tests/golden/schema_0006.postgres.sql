SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.audit_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF old.seq > coalesce((SELECT base_seq FROM audit_head), 0) THEN RAISE EXCEPTION 'the audit log only grows'; END IF; RETURN old; END $$;
CREATE FUNCTION public.audit_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.acknowledgement (
    alarm character varying NOT NULL,
    side character varying NOT NULL
);
CREATE TABLE public.alarm (
    alliance character varying NOT NULL,
    number integer NOT NULL,
    kind character varying NOT NULL,
    id character varying NOT NULL,
    slot date NOT NULL,
    body character varying NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alliance (
    key character varying NOT NULL,
    declared character varying NOT NULL,
    leads character varying NOT NULL,
    revision integer NOT NULL,
    digest_at timestamp with time zone NOT NULL
);
CREATE TABLE public.answer (
    round character varying NOT NULL,
    person character varying NOT NULL,
    item character varying NOT NULL,
    side character varying,
    home_platform character varying,
    home_organisation character varying,
    value integer,
    at timestamp with time zone NOT NULL,
    spent boolean NOT NULL,
    CONSTRAINT ck_answer_value CHECK (((value >= 1) AND (value <= 5)))
);
CREATE TABLE public.audit (
    seq bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    act character varying NOT NULL,
    alliance character varying NOT NULL,
    by character varying NOT NULL,
    detail character varying NOT NULL,
    mac character varying NOT NULL
);
CREATE TABLE public.audit_head (
    id bigint NOT NULL,
    seq bigint NOT NULL,
    mac character varying NOT NULL,
    base_seq bigint NOT NULL,
    base_mac character varying NOT NULL,
    seal character varying NOT NULL
);
CREATE TABLE public.channel (
    platform character varying NOT NULL,
    workspace character varying NOT NULL,
    address character varying NOT NULL,
    alliance character varying NOT NULL
);
CREATE TABLE public.chat_line (
    id bigint NOT NULL,
    key character varying,
    change bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    body character varying
);
CREATE TABLE public.comment (
    id character varying NOT NULL,
    round character varying NOT NULL,
    person character varying NOT NULL,
    side character varying NOT NULL,
    body character varying NOT NULL,
    share boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    block integer
);
CREATE TABLE public.comment_block (
    alliance character varying NOT NULL,
    side character varying NOT NULL,
    number integer NOT NULL,
    slot date NOT NULL,
    size integer NOT NULL
);
CREATE TABLE public.counter (
    name character varying NOT NULL,
    value bigint NOT NULL
);
CREATE TABLE public.delivery (
    seq bigint NOT NULL,
    id character varying NOT NULL,
    slot character varying NOT NULL,
    alliance character varying NOT NULL,
    platform character varying NOT NULL,
    direct boolean NOT NULL,
    place_key character varying NOT NULL,
    body character varying,
    revises character varying,
    state character varying NOT NULL,
    not_before timestamp with time zone,
    attempts integer NOT NULL,
    lease_until timestamp with time zone,
    lease_token character varying,
    claimed_at timestamp with time zone,
    changed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    looks integer NOT NULL,
    reason character varying NOT NULL,
    message character varying,
    ref character varying
);
CREATE SEQUENCE public.delivery_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.delivery_seq_seq OWNED BY public.delivery.seq;
CREATE TABLE public.departure (
    platform character varying NOT NULL,
    organisation character varying NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.erased (
    alliance character varying NOT NULL,
    purpose character varying NOT NULL,
    person character varying NOT NULL,
    at timestamp with time zone NOT NULL
);
CREATE TABLE public.home (
    platform character varying NOT NULL,
    organisation character varying NOT NULL,
    alliance character varying NOT NULL,
    side character varying NOT NULL,
    mapped boolean NOT NULL
);
CREATE TABLE public.install_state (
    digest character varying NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.installation (
    workspace character varying NOT NULL,
    body character varying NOT NULL,
    expires_at timestamp with time zone
);
CREATE TABLE public.invitation (
    round character varying NOT NULL,
    person character varying NOT NULL,
    side character varying NOT NULL
);
CREATE TABLE public.lease (
    name character varying NOT NULL,
    token character varying NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.memory (
    alliance character varying NOT NULL,
    state character varying NOT NULL
);
CREATE TABLE public.missed (
    alliance character varying NOT NULL,
    pulse character varying NOT NULL,
    slot date NOT NULL
);
CREATE TABLE public.proposal (
    id character varying NOT NULL,
    alliance character varying NOT NULL,
    term character varying NOT NULL,
    value character varying NOT NULL,
    side character varying NOT NULL,
    state character varying NOT NULL,
    at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL
);
CREATE TABLE public.pulse (
    alliance character varying NOT NULL,
    key character varying NOT NULL,
    look_at timestamp with time zone NOT NULL,
    since timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL
);
CREATE TABLE public.reading (
    platform character varying NOT NULL,
    workspace character varying NOT NULL,
    address character varying NOT NULL,
    message character varying NOT NULL,
    alliance character varying,
    person character varying,
    side character varying,
    polarity double precision,
    at timestamp with time zone NOT NULL,
    deleted boolean NOT NULL
);
CREATE TABLE public.released (
    alliance character varying NOT NULL,
    number integer NOT NULL,
    side character varying NOT NULL,
    dimension character varying NOT NULL,
    slot date NOT NULL,
    value double precision NOT NULL,
    band integer NOT NULL,
    favourable character varying,
    split boolean
);
CREATE TABLE public.round (
    id character varying NOT NULL,
    alliance character varying NOT NULL,
    pulse character varying NOT NULL,
    slot date NOT NULL,
    number integer NOT NULL,
    asked character varying NOT NULL,
    opens_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    remind_at timestamp with time zone,
    minimum integer NOT NULL,
    holiday boolean NOT NULL,
    state character varying NOT NULL,
    enrol_due timestamp with time zone,
    remind_due timestamp with time zone,
    close_due timestamp with time zone,
    mood character varying,
    emptied boolean DEFAULT false NOT NULL
);
CREATE TABLE public.setting (
    key character varying NOT NULL,
    value character varying NOT NULL
);
ALTER TABLE ONLY public.delivery ALTER COLUMN seq SET DEFAULT nextval('public.delivery_seq_seq'::regclass);
INSERT INTO public.alembic_version VALUES ('0006_installations');
INSERT INTO public.chat_line VALUES (1, NULL, 2, '2026-01-06 08:00:00+00', NULL);
INSERT INTO public.departure VALUES ('slack', 'T0GONE', '2026-01-06 08:00:00+00');
SELECT pg_catalog.setval('public.delivery_seq_seq', 1, false);
ALTER TABLE ONLY public.acknowledgement
    ADD CONSTRAINT acknowledgement_pkey PRIMARY KEY (alarm, side);
ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_id_key UNIQUE (id);
ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_pkey PRIMARY KEY (alliance, number, kind);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.alliance
    ADD CONSTRAINT alliance_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT answer_pkey PRIMARY KEY (round, person, item);
ALTER TABLE ONLY public.audit_head
    ADD CONSTRAINT audit_head_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.channel
    ADD CONSTRAINT channel_pkey PRIMARY KEY (platform, workspace, address);
ALTER TABLE ONLY public.chat_line
    ADD CONSTRAINT chat_line_change_key UNIQUE (change);
ALTER TABLE ONLY public.chat_line
    ADD CONSTRAINT chat_line_key_key UNIQUE (key);
ALTER TABLE ONLY public.chat_line
    ADD CONSTRAINT chat_line_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.comment_block
    ADD CONSTRAINT comment_block_pkey PRIMARY KEY (alliance, side, number);
ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.counter
    ADD CONSTRAINT counter_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_id_key UNIQUE (id);
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY public.delivery
    ADD CONSTRAINT delivery_slot_key UNIQUE (slot);
ALTER TABLE ONLY public.departure
    ADD CONSTRAINT departure_pkey PRIMARY KEY (platform, organisation);
ALTER TABLE ONLY public.erased
    ADD CONSTRAINT erased_pkey PRIMARY KEY (alliance, purpose, person);
ALTER TABLE ONLY public.home
    ADD CONSTRAINT home_pkey PRIMARY KEY (platform, organisation, alliance);
ALTER TABLE ONLY public.install_state
    ADD CONSTRAINT install_state_pkey PRIMARY KEY (digest);
ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (workspace);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_pkey PRIMARY KEY (round, person);
ALTER TABLE ONLY public.lease
    ADD CONSTRAINT lease_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.memory
    ADD CONSTRAINT memory_pkey PRIMARY KEY (alliance);
ALTER TABLE ONLY public.missed
    ADD CONSTRAINT missed_pkey PRIMARY KEY (alliance, pulse, slot);
ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.pulse
    ADD CONSTRAINT pulse_pkey PRIMARY KEY (alliance, key);
ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_pkey PRIMARY KEY (platform, workspace, address, message);
ALTER TABLE ONLY public.released
    ADD CONSTRAINT released_pkey PRIMARY KEY (alliance, number, side, dimension);
ALTER TABLE ONLY public.round
    ADD CONSTRAINT round_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.comment
    ADD CONSTRAINT uq_comment UNIQUE (round, person, at);
ALTER TABLE ONLY public.round
    ADD CONSTRAINT uq_round_number UNIQUE (alliance, number);
ALTER TABLE ONLY public.round
    ADD CONSTRAINT uq_round_slot UNIQUE (alliance, pulse, slot);
CREATE INDEX ix_alliance_digest_at ON public.alliance USING btree (digest_at);
CREATE INDEX ix_answer_pending ON public.answer USING btree (home_organisation) WHERE (side IS NULL);
CREATE INDEX ix_channel_alliance ON public.channel USING btree (alliance);
CREATE INDEX ix_comment_at ON public.comment USING btree (at);
CREATE INDEX ix_comment_round ON public.comment USING btree (round);
CREATE INDEX ix_delivery_changed_at ON public.delivery USING btree (changed_at);
CREATE INDEX ix_delivery_message ON public.delivery USING btree (place_key, message);
CREATE INDEX ix_delivery_revises ON public.delivery USING btree (revises);
CREATE INDEX ix_delivery_state ON public.delivery USING btree (state, seq);
CREATE INDEX ix_delivery_waiting_place ON public.delivery USING btree (place_key, seq) WHERE ((state)::text = ANY ((ARRAY['pending'::character varying, 'sending'::character varying])::text[]));
CREATE INDEX ix_home_alliance ON public.home USING btree (alliance);
CREATE INDEX ix_install_state_expires_at ON public.install_state USING btree (expires_at);
CREATE INDEX ix_installation_expires_at ON public.installation USING btree (expires_at);
CREATE INDEX ix_proposal_alliance ON public.proposal USING btree (alliance);
CREATE INDEX ix_pulse_look_at ON public.pulse USING btree (look_at);
CREATE INDEX ix_reading_alliance_at ON public.reading USING btree (alliance, at);
CREATE INDEX ix_reading_at ON public.reading USING btree (at);
CREATE INDEX ix_round_close_due ON public.round USING btree (close_due);
CREATE INDEX ix_round_enrol_due ON public.round USING btree (enrol_due);
CREATE INDEX ix_round_kept ON public.round USING btree (closes_at) WHERE (NOT emptied);
CREATE INDEX ix_round_remind_due ON public.round USING btree (remind_due);
CREATE UNIQUE INDEX uq_proposal_open ON public.proposal USING btree (alliance, term) WHERE ((state)::text = 'open'::text);
CREATE TRIGGER audit_delete BEFORE DELETE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.audit_keep();
CREATE TRIGGER audit_truncate BEFORE TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION public.audit_refuse();
CREATE TRIGGER audit_update BEFORE UPDATE ON public.audit FOR EACH ROW EXECUTE FUNCTION public.audit_refuse();
ALTER TABLE ONLY public.acknowledgement
    ADD CONSTRAINT acknowledgement_alarm_fkey FOREIGN KEY (alarm) REFERENCES public.alarm(id);
ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.answer
    ADD CONSTRAINT answer_round_fkey FOREIGN KEY (round) REFERENCES public.round(id);
ALTER TABLE ONLY public.channel
    ADD CONSTRAINT channel_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.comment_block
    ADD CONSTRAINT comment_block_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.comment
    ADD CONSTRAINT comment_round_fkey FOREIGN KEY (round) REFERENCES public.round(id);
ALTER TABLE ONLY public.home
    ADD CONSTRAINT home_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.invitation
    ADD CONSTRAINT invitation_round_fkey FOREIGN KEY (round) REFERENCES public.round(id);
ALTER TABLE ONLY public.memory
    ADD CONSTRAINT memory_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.missed
    ADD CONSTRAINT missed_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.proposal
    ADD CONSTRAINT proposal_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.pulse
    ADD CONSTRAINT pulse_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.reading
    ADD CONSTRAINT reading_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.released
    ADD CONSTRAINT released_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
ALTER TABLE ONLY public.round
    ADD CONSTRAINT round_alliance_fkey FOREIGN KEY (alliance) REFERENCES public.alliance(key);
