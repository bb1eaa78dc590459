INSERT INTO twinbase.platform (id, name, scopes) VALUES (2, 'other', '{databases:read}');
INSERT INTO twinbase.api_key (platform_id, prefix, hash) VALUES (2, 'tb_0123456789', '\x01');
UPDATE twinbase.database_meta SET shared_with = '{2}' WHERE id = 4000000001;
