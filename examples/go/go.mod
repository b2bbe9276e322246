module keyswitch-go

go 1.24
