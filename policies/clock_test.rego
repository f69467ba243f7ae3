package countersign.clock_test

import data.countersign.clock

# The built-in that the pack does without, as an oracle.
test_seconds_agree_with_opa if {
	every text in [
		"1970-01-01T00:00:00Z",
		"1969-12-31T23:59:59Z",
		"2000-02-29T12:34:56Z",
		"2024-02-29T00:00:00+05:30",
		"2026-03-01T23:59:59-11:45",
		"2026-12-31T23:59:59.999Z",
		"2100-02-28T08:09:10Z",
		"2100-03-01T00:00:00Z",
		"1999-01-31T00:00:00+00:00",
	] {
		clock.seconds(text) == floor(time.parse_rfc3339_ns(text) / 1000000000)
	}
}

test_every_month_agrees_with_opa if {
	every month in ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"] {
		every year in ["1996", "2023", "2024", "2000"] {
			text := $"{year}-{month}-28T01:02:03Z"
			clock.seconds(text) == time.parse_rfc3339_ns(text) / 1000000000
		}
	}
}

test_lower_case_letters_and_leap_seconds_are_times if {
	clock.seconds("2026-03-02t10:00:00z") == clock.seconds("2026-03-02T10:00:00Z")
	clock.seconds("2016-12-31T23:59:60Z") == clock.seconds("2017-01-01T00:00:00Z")
}

test_what_is_no_time if {
	every text in [
		"",
		"yesterday",
		"2026-03-02",
		"2026-03-02 10:00:00Z",
		"2026-03-02T10:00:00",
		"2026-3-2T10:00:00Z",
		"2026-00-02T10:00:00Z",
		"2026-13-02T10:00:00Z",
		"2026-04-00T10:00:00Z",
		"2026-04-31T10:00:00Z",
		"2025-02-29T10:00:00Z",
		"2100-02-29T10:00:00Z",
		"2026-03-02T24:00:00Z",
		"2026-03-02T10:60:00Z",
		"2026-03-02T10:00:61Z",
		"2026-03-02T10:58:60Z",
		"2026-03-02T10:59:61Z",
		"2026-03-02T10:00:00+24:00",
		"2026-03-02T10:00:00+01:60",
		"2026-03-02T10:00:00Z\n",
		" 2026-03-02T10:00:00Z",
		"２０２６-03-02T10:00:00Z",
		1772445600,
	] {
		not clock.seconds(text)
	}
}

test_a_moment_may_be_a_date if {
	clock.moment("2026-03-02") == clock.seconds("2026-03-02T00:00:00Z")
	clock.moment("2026-03-02T10:00:00Z") == clock.seconds("2026-03-02T10:00:00Z")
	not clock.moment("2026-02-30")
	not clock.moment("soon")
}

test_now_is_the_inputs if {
	clock.now == 1772445600 with input as {"now": "2026-03-02T10:00:00Z"}
}
