# Completion of troupe for fish. Written by script/manual from the program's help.

complete -c troupe -f
complete -c troupe -n __fish_use_subcommand -a up -d 'run the whole stack here, until Ctrl-C'
complete -c troupe -n '__fish_seen_subcommand_from up' -l port -x
complete -c troupe -n '__fish_seen_subcommand_from up' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from up' -l provider -x -a 'local live null'
complete -c troupe -n '__fish_seen_subcommand_from up' -l rate -x -a 'off'
complete -c troupe -n '__fish_seen_subcommand_from up' -l actors -x
complete -c troupe -n '__fish_seen_subcommand_from up' -l metrics -x
complete -c troupe -n '__fish_seen_subcommand_from up' -l assets -x
complete -c troupe -n __fish_use_subcommand -a restart -d 'restart the programs of up without failing a request'
complete -c troupe -n '__fish_seen_subcommand_from restart' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a restore -d 'put a backup in the place of a stopped stacks store'
complete -c troupe -n '__fish_seen_subcommand_from restore' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from restore' -a '(troupe complete backups -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a init -d 'lay out a data directory, with its secret'
complete -c troupe -n '__fish_seen_subcommand_from init' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a token -d 'print a bearer token for a user'
complete -c troupe -n '__fish_seen_subcommand_from token' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from token' -l role -x -a 'user viewer admin'
complete -c troupe -n '__fish_seen_subcommand_from token' -l expires -x
complete -c troupe -n '__fish_seen_subcommand_from token' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a doctor -d 'check the hosted providers: addresses, keys, models, clocks'
complete -c troupe -n __fish_use_subcommand -a ping -d 'ask an address whether it is well'
complete -c troupe -n __fish_use_subcommand -a complete -d 'list what a word may be, for the shells'
complete -c troupe -n '__fish_seen_subcommand_from complete' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from complete' -l user
complete -c troupe -n '__fish_seen_subcommand_from complete' -a 'queues statuses poses filters jobs characters workers operations backups'
complete -c troupe -n __fish_use_subcommand -a submit -d 'queue a character, a picture, a video, a batch or a pipeline'
complete -c troupe -n '__fish_seen_subcommand_from submit' -l pose -x -a 'standing sitting portrait three-quarter profile action waving thinking dancing reading'
complete -c troupe -n '__fish_seen_subcommand_from submit' -l duration -x -a '5 8'
complete -c troupe -n '__fish_seen_subcommand_from submit' -l resolution -x -a '480p 720p'
complete -c troupe -n '__fish_seen_subcommand_from submit' -l follow
complete -c troupe -n '__fish_seen_subcommand_from submit' -l json
complete -c troupe -n '__fish_seen_subcommand_from submit' -l key -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from submit' -l run-at -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l start-by -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l deadline -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l priority -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l tags -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -l dedupe -x
complete -c troupe -n '__fish_seen_subcommand_from submit' -a 'character image video batch pipeline'
complete -c troupe -n '__fish_seen_subcommand_from submit; and __fish_seen_subcommand_from image' -a '(troupe complete characters -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n '__fish_seen_subcommand_from submit; and __fish_seen_subcommand_from video' -a '(troupe complete characters -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n '__fish_seen_subcommand_from submit; and __fish_seen_subcommand_from character' -F
complete -c troupe -n '__fish_seen_subcommand_from submit; and __fish_seen_subcommand_from batch' -F
complete -c troupe -n '__fish_seen_subcommand_from submit; and __fish_seen_subcommand_from pipeline' -F
complete -c troupe -n __fish_use_subcommand -a show -d 'print a job, batch, pipeline, character or media entry'
complete -c troupe -n '__fish_seen_subcommand_from show' -l timeline
complete -c troupe -n '__fish_seen_subcommand_from show' -l json
complete -c troupe -n '__fish_seen_subcommand_from show' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from show' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from show' -a 'character media'
complete -c troupe -n '__fish_seen_subcommand_from show' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n '__fish_seen_subcommand_from show; and __fish_seen_subcommand_from character' -a '(troupe complete characters -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n '__fish_seen_subcommand_from show; and __fish_seen_subcommand_from media' -a '(troupe complete characters -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a tail -d 'follow a job, batch or pipeline, or everything of yours, live'
complete -c troupe -n '__fish_seen_subcommand_from tail' -l json
complete -c troupe -n '__fish_seen_subcommand_from tail' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from tail' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from tail' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a cancel -d 'cancel a job, batch or pipeline'
complete -c troupe -n '__fish_seen_subcommand_from cancel' -l json
complete -c troupe -n '__fish_seen_subcommand_from cancel' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from cancel' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from cancel' -l where
complete -c troupe -n '__fish_seen_subcommand_from cancel' -l all
complete -c troupe -n '__fish_seen_subcommand_from cancel' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n '__fish_seen_subcommand_from cancel' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a retry -d 'try a failed or cancelled job again'
complete -c troupe -n '__fish_seen_subcommand_from retry' -l json
complete -c troupe -n '__fish_seen_subcommand_from retry' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from retry' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from retry' -l where
complete -c troupe -n '__fish_seen_subcommand_from retry' -l all
complete -c troupe -n '__fish_seen_subcommand_from retry' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n '__fish_seen_subcommand_from retry' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a delete -d 'delete a character or a media entry, for good'
complete -c troupe -n '__fish_seen_subcommand_from delete' -l json
complete -c troupe -n '__fish_seen_subcommand_from delete' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from delete' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from delete' -a 'character media'
complete -c troupe -n '__fish_seen_subcommand_from delete; and __fish_seen_subcommand_from character' -a '(troupe complete characters -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n '__fish_seen_subcommand_from delete; and __fish_seen_subcommand_from media' -a '(troupe complete characters -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a usage -d 'what was spent, and what is left of the budget'
complete -c troupe -n '__fish_seen_subcommand_from usage' -l days -x
complete -c troupe -n '__fish_seen_subcommand_from usage' -l owner -x
complete -c troupe -n '__fish_seen_subcommand_from usage' -l all
complete -c troupe -n '__fish_seen_subcommand_from usage' -l json
complete -c troupe -n '__fish_seen_subcommand_from usage' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from usage' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a queues -d 'what is in the queues, live on a terminal'
complete -c troupe -n '__fish_seen_subcommand_from queues' -l once
complete -c troupe -n '__fish_seen_subcommand_from queues' -l json
complete -c troupe -n '__fish_seen_subcommand_from queues' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from queues' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a workers -d 'the workers, and what each of them does'
complete -c troupe -n '__fish_seen_subcommand_from workers' -l json
complete -c troupe -n '__fish_seen_subcommand_from workers' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from workers' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a top -d 'queues and workers, live'
complete -c troupe -n '__fish_seen_subcommand_from top' -l once
complete -c troupe -n '__fish_seen_subcommand_from top' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from top' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a jobs -d 'search all users jobs'
complete -c troupe -n '__fish_seen_subcommand_from jobs' -l limit -x
complete -c troupe -n '__fish_seen_subcommand_from jobs' -l cursor -x
complete -c troupe -n '__fish_seen_subcommand_from jobs' -l json
complete -c troupe -n '__fish_seen_subcommand_from jobs' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from jobs' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from jobs' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n __fish_use_subcommand -a failures -d 'failed jobs, counted by what they failed of'
complete -c troupe -n '__fish_seen_subcommand_from failures' -l limit -x
complete -c troupe -n '__fish_seen_subcommand_from failures' -l json
complete -c troupe -n '__fish_seen_subcommand_from failures' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from failures' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from failures' -l where
complete -c troupe -n '__fish_seen_subcommand_from failures' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n __fish_use_subcommand -a operations -d 'what is done to many jobs at once, and how far it is'
complete -c troupe -n '__fish_seen_subcommand_from operations' -l limit -x
complete -c troupe -n '__fish_seen_subcommand_from operations' -l json
complete -c troupe -n '__fish_seen_subcommand_from operations' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from operations' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from operations' -l follow
complete -c troupe -n '__fish_seen_subcommand_from operations' -l stop
complete -c troupe -n '__fish_seen_subcommand_from operations' -l where
complete -c troupe -n '__fish_seen_subcommand_from operations' -a '(troupe complete operations -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a history -d 'what happened in the queues: the last hour, day or month'
complete -c troupe -n '__fish_seen_subcommand_from history' -l range -x -a '1h 24h 30d'
complete -c troupe -n '__fish_seen_subcommand_from history' -l json
complete -c troupe -n '__fish_seen_subcommand_from history' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from history' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from history' -a 'character image video webhook all'
complete -c troupe -n __fish_use_subcommand -a users -d 'who has live jobs, and how they are shared'
complete -c troupe -n '__fish_seen_subcommand_from users' -l limit -x
complete -c troupe -n '__fish_seen_subcommand_from users' -l cursor -x
complete -c troupe -n '__fish_seen_subcommand_from users' -l json
complete -c troupe -n '__fish_seen_subcommand_from users' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from users' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a providers -d 'the providers, which are down, and who waits for them'
complete -c troupe -n '__fish_seen_subcommand_from providers' -l json
complete -c troupe -n '__fish_seen_subcommand_from providers' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from providers' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from providers' -l all
complete -c troupe -n __fish_use_subcommand -a audit -d 'who did what to the stack, and who was refused'
complete -c troupe -n '__fish_seen_subcommand_from audit' -l by -x
complete -c troupe -n '__fish_seen_subcommand_from audit' -l action -x
complete -c troupe -n '__fish_seen_subcommand_from audit' -l limit -x
complete -c troupe -n '__fish_seen_subcommand_from audit' -l cursor -x
complete -c troupe -n '__fish_seen_subcommand_from audit' -l json
complete -c troupe -n '__fish_seen_subcommand_from audit' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from audit' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n __fish_use_subcommand -a pause -d 'start no more jobs of a queue'
complete -c troupe -n '__fish_seen_subcommand_from pause' -l json
complete -c troupe -n '__fish_seen_subcommand_from pause' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from pause' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from pause' -a 'character image video webhook'
complete -c troupe -n __fish_use_subcommand -a resume -d 'start jobs of a queue again'
complete -c troupe -n '__fish_seen_subcommand_from resume' -l json
complete -c troupe -n '__fish_seen_subcommand_from resume' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from resume' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from resume' -a 'character image video webhook'
complete -c troupe -n __fish_use_subcommand -a drain -d 'let a worker finish what it has'
complete -c troupe -n '__fish_seen_subcommand_from drain' -l undo
complete -c troupe -n '__fish_seen_subcommand_from drain' -l stop
complete -c troupe -n '__fish_seen_subcommand_from drain' -l json
complete -c troupe -n '__fish_seen_subcommand_from drain' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from drain' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from drain' -a '(troupe complete workers -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a duplicate -d 'make another job like one that there is'
complete -c troupe -n '__fish_seen_subcommand_from duplicate' -l key -x
complete -c troupe -n '__fish_seen_subcommand_from duplicate' -l json
complete -c troupe -n '__fish_seen_subcommand_from duplicate' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from duplicate' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from duplicate' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a promote -d 'let a pending job start before its time'
complete -c troupe -n '__fish_seen_subcommand_from promote' -l json
complete -c troupe -n '__fish_seen_subcommand_from promote' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from promote' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from promote' -l where
complete -c troupe -n '__fish_seen_subcommand_from promote' -l all
complete -c troupe -n '__fish_seen_subcommand_from promote' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n '__fish_seen_subcommand_from promote' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a priority -d 'give a job another place among its owners'
complete -c troupe -n '__fish_seen_subcommand_from priority' -l json
complete -c troupe -n '__fish_seen_subcommand_from priority' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from priority' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from priority' -l where
complete -c troupe -n '__fish_seen_subcommand_from priority' -l all
complete -c troupe -n '__fish_seen_subcommand_from priority' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n '__fish_seen_subcommand_from priority' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a remove -d 'let go of a job that has ended'
complete -c troupe -n '__fish_seen_subcommand_from remove' -l json
complete -c troupe -n '__fish_seen_subcommand_from remove' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from remove' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from remove' -l where
complete -c troupe -n '__fish_seen_subcommand_from remove' -l all
complete -c troupe -n '__fish_seen_subcommand_from remove' -a 'queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= queue=character queue=image queue=video queue=webhook status=pending status=waiting status=active status=completed status=failed status=cancelled'
complete -c troupe -n '__fish_seen_subcommand_from remove' -a '(troupe complete jobs -- (commandline -opc)[2..] 2>/dev/null)'
complete -c troupe -n __fish_use_subcommand -a backup -d 'copy the queues store while it runs'
complete -c troupe -n '__fish_seen_subcommand_from backup' -l json
complete -c troupe -n '__fish_seen_subcommand_from backup' -l user -x
complete -c troupe -n '__fish_seen_subcommand_from backup' -l data -r -a '(__fish_complete_directories)'
complete -c troupe -n '__fish_seen_subcommand_from backup' -l list
