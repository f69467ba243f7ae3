# METADATA
# description: |
#   Times as seconds since 1970-01-01T00:00:00Z. Written out, not with `time.parse_rfc3339_ns`, so that the pack
#   compiles to WebAssembly without functions from its host, and so that a malformed time is simply undefined.
package countersign.clock

# METADATA
# description: The time of the decision.
now := seconds(input.now)

# METADATA
# description: The seconds of an RFC 3339 time, without fractions; undefined when it is malformed or no such day exists.
seconds(text) := ((day * 86400) + _second_of_day(hh, mm, ss)) - _offset(sign, off_hh, off_mm) if {
	is_string(text)
	found := regex.find_all_string_submatch_n(_time, text, 1)
	some [_, year, month, date, hh, mm, ss, sign, off_hh, off_mm] in found
	day := _day(_number(year), _number(month), _number(date))
}

_second_of_day(hh, mm, ss) := (((_number(hh) * 60) + _number(mm)) * 60) + _number(ss) if {
	hh <= "23"
	mm <= "59"
	ss <= _last_second(mm)
}

default _last_second(_) := "59"

# A leap second.
_last_second("59") := "60"

_offset("", _, _) := 0

_offset("+", hh, mm) := _second_of_day(hh, mm, "00")

_offset("-", hh, mm) := 0 - _second_of_day(hh, mm, "00")

# METADATA
# description: The same, of a date too, which stands for the start of that day in UTC.
# scope: document
moment(text) := seconds(text)

moment(text) := seconds($"{text}T00:00:00Z") if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, text)

# Leading zeros, which are no part of a number, stay behind the 1.
_number(digits) := to_number(concat("", ["1", digits])) - _powers[count(digits)]

_powers := [1, 10, 100, 1000, 10000]

_time := concat("", [
	`^([0-9]{4})-([0-9]{2})-([0-9]{2})`,
	`[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?`,
	`(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$`,
])

_days_before_month := [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

_days_in_month := [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

# Days since 1970-01-01 in the Gregorian calendar.
_day(year, month, day) := ((_days_before_year(year - 1) + _days_before_month[month - 1]) + leap_day) + day if {
	day >= 1
	day <= _days_in_month[month - 1] + _leap_day(year, month == 2)
	leap_day := _leap_day(year, month > 2)
}

_days_before_year(past) := ((((365 * past) + _every(4, past)) - _every(100, past)) + _every(400, past)) - 719163

# In whole numbers: evaluators of compiled policies do not all round alike.
_every(years, past) := (past - (past % years)) / years

_leap_day(_, false) := 0

_leap_day(year, true) := 1 if _leap(year)

_leap_day(year, true) := 0 if not _leap(year)

_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

_leap(year) if year % 400 == 0
