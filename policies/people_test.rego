package countersign.people_test

import data.countersign.people
import data.countersign.sample_test as sample

test_keys if {
	every text, expected in {
		"Ann Example <Ann@Example.com>": {"name:ann example", "email:ann@example.com"},
		`"Example, Ann" <ann@example.com>`: {"name:example, ann", "email:ann@example.com"},
		"  Ann   Example  ": {"name:ann example"},
		"<ann@example.com>": {"email:ann@example.com"},
		"ann@example.com": {"email:ann@example.com"},
		"@Ann": {"login:ann"},
		"ÆGIR Þórsson <ægir@example.com>": {"name:ægir þórsson", "email:ægir@example.com"},
		"山田 太郎": {"name:山田 太郎"},
		"helper[bot]": {"name:helper[bot]", "login:helper"},
		"@helper[bot]": {"login:helper"},
		"": set(),
	} {
		people.keys(text) == expected
	}
}

test_addresses_of_code_hosts_name_a_login if {
	every email, login in {
		"123+Ann@users.noreply.github.com": "login:ann",
		"ann@users.noreply.github.com": "login:ann",
		"12-ann@users.noreply.gitlab.com": "login:ann",
		"41898282+helper[bot]@users.noreply.github.com": "login:helper",
	} {
		people.keys_of({"email": email}) == {$"email:{lower(email)}", login}
	}
	people.keys_of({"email": "ann@users.noreply.example.com"}) == {"email:ann@users.noreply.example.com"}
}

test_keys_by_signature if {
	keys := people.keys_by_signature with input as sample.of(sample.plain)
	keys == {{"name": "Ann Example", "email": "ann@example.com"}: {"name:ann example", "email:ann@example.com"}}
}
